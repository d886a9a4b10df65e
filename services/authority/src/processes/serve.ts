import { CausewayError } from '@causeway/protocol/errors';
import { ConfigError } from '@causeway/service/config-error';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** A question to a child process and its answer. `id` pairs them; both are plain data. */
export interface Question {
  readonly id: number;
  readonly ask: unknown;
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly refusal: { readonly code: string; readonly detail: string } };

type Handler = (ask: unknown) => Promise<unknown>;

/**
 * The child's side. The parent's first question configures the child, which answers what it is ready to
 * handle; all others go to the handler that `start` returned. Ends with the parent, so that no key outlives
 * what it serves.
 */
export function serveParent<S extends TSchema>(
  configuration: S,
  start: (configuration: Static<S>) => Promise<Handler>,
): void {
  let handler: Promise<Handler> | undefined;
  process.on('message', (message: Question) => {
    const first = handler === undefined;
    handler ??= start(readMessage(configuration, message.ask));
    void answer(message.id, async () => {
      const handle = await handler;
      return first ? null : await handle?.(message.ask);
    });
  });
  process.on('disconnect', () => process.exit(0));
  // The parent decides when this ends: a Ctrl-C in a terminal reaches the whole process group.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}

/** A message that has the shape it must have; the other side is this service's own code. */
export function readMessage<S extends TSchema>(schema: S, value: unknown): Static<S> {
  if (Value.Check(schema, value)) return value;
  throw new TypeError('a message between the processes of this service is malformed');
}

async function answer(id: number, work: () => Promise<unknown>): Promise<void> {
  try {
    reply({ id, value: await work() });
  } catch (error) {
    reply({ id, refusal: refusalOf(error) });
  }
}

/** A configuration error says which file is wrong, to the parent, which is the same operator's process. */
function refusalOf(error: unknown): { code: string; detail: string } {
  if (error instanceof ConfigError) return { code: 'internal', detail: error.message };
  const known = error instanceof CausewayError ? error : new CausewayError('internal');
  return { code: known.code, detail: known.publicDetail };
}

/** Where the parent has gone meanwhile, nobody waits for it, and this process is about to end. */
function reply(message: Answer): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
