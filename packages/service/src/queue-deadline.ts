/** A run that took longer than it may. */
export class JobTimeout extends Error {
  override readonly name = 'JobTimeout';
}

/** Work that minds its signal gets this long to end in order. */
const graceMs = 500;

/**
 * Runs `work` for `timeoutMs` at most: then its signal aborts, and half a second later this rejects whatever
 * `work` does. `lost` aborts the signal too.
 * @throws JobTimeout, or what `work` throws within its time
 */
export async function withinTime(
  timeoutMs: number,
  lost: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const ending = new AbortController();
  const timers = [setTimeout(() => ending.abort(new JobTimeout('time is up')), timeoutMs)];
  timers.push(setTimeout(() => reject(new JobTimeout('it has not ended')), timeoutMs + graceMs));
  try {
    const signal = lost === undefined ? ending.signal : AbortSignal.any([ending.signal, lost]);
    await Promise.race([work(signal), tooLate]);
  } catch (error) {
    throw ending.signal.aborted ? new JobTimeout('time is up', { cause: error }) : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
