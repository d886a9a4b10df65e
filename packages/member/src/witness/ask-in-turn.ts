/** How many are wanted, and after how long the next one is asked beside one that does not answer. */
interface Turns {
  readonly wanted: number;
  readonly lateMs: number;
}

/**
 * Asks as many as are wanted, and for each that fails or is late the next one. One that is late is not given
 * up; where nobody is left to ask it is waited for. `ask` tells whether it has succeeded, and does not throw.
 */
export async function askInTurn<T>(
  order: readonly T[],
  ask: (one: T) => Promise<boolean>,
  { wanted, lateMs }: Turns,
): Promise<void> {
  const left = [...order];
  const late: Promise<boolean>[] = [];
  let succeeded = 0;
  const askOne = async (one: T): Promise<boolean> => {
    const success = await ask(one);
    if (success) succeeded += 1;
    return success;
  };
  const untilOne = async (): Promise<void> => {
    let done = false;
    while (!done && succeeded < wanted) {
      const next = left.shift();
      if (next === undefined) return;
      const asked = askOne(next);
      const answer = await withinMs(asked, lateMs);
      if (answer === 'late') late.push(asked);
      else done = answer;
    }
  };
  await Promise.all(Array.from({ length: wanted }, untilOne));
  for (const asked of late) if (succeeded < wanted) await asked;
}

async function withinMs(asked: Promise<boolean>, ms: number): Promise<boolean | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, ms, 'late');
  try {
    return await Promise.race([asked, promise]);
  } finally {
    clearTimeout(timer);
  }
}
