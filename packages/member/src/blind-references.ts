import { limits } from '@causeway/kernel';
import { CausewayError, decodeBase64url, encodeBase64url } from '@causeway/protocol';
import type { DirectoryView, ErrorCode } from '@causeway/protocol';
import type { ReferenceEpoch } from '@causeway/protocol/blind-batch';
import type { References } from '@causeway/protocol/statements/directory';
import type { CurveThread, FederationClient, Log } from '@causeway/service';
import Type from 'typebox';

/** Computes subject references with the authority's blind help (OPRF, RFC 9497). */
export interface BlindReferences {
  /**
   * Does something in each epoch in which references count, the current one first: by the newest directory
   * held, past its expiry too, for whoever has references already. If that fails and the epochs are others
   * meanwhile, once more in those.
   * @throws CausewayError not_ready where the directory publishes none
   */
  inEachEpoch<T>(act: (epoch: string) => Promise<T>): Promise<T[]>;
  /**
   * The references of these inputs in their order, in an epoch that the directory publishes. The authority
   * learns nothing of the inputs, and that it used the right key is checked for each batch.
   * @throws CausewayError not_ready, unavailable
   */
  derive(inputs: readonly Uint8Array[], epoch: string): Promise<string[]>;
}

interface Options {
  readonly federation: Pick<FederationClient, 'call'>;
  /** The directory of this moment; throws `not_ready`. */
  readonly view: () => DirectoryView;
  /** The newest one, past its expiry too. */
  readonly latest: () => DirectoryView | undefined;
  /** Fetches the directory now. */
  readonly refresh: () => Promise<void>;
  readonly thread: Pick<CurveThread, 'blind' | 'finish'>;
  readonly log: Log;
}

const evaluation = Type.Object(
  {
    epoch: Type.String(),
    evaluated: Type.Array(Type.String({ maxLength: 64 }), { maxItems: limits.blindBatchMax + 1 }),
  },
  { additionalProperties: false },
);
const timeoutMs = 20_000;

/**
 * A client of the authority's blind evaluation. Where a canary does not come to what the directory publishes,
 * the authority evaluates under another key than it says: no reference leaves this client then, and none does
 * afterwards until the directory says something else of the epoch.
 */
export function createBlindReferences(options: Options): BlindReferences {
  /** What the directory said of an epoch whose canary failed. */
  const stopped = new Set<string>();
  return {
    inEachEpoch: async (act) => {
      const before = epochsIn(options.latest());
      try {
        return await inTurn(before, act);
      } catch (error) {
        const now = epochsIn(options.latest());
        if (now.join() === before.join()) throw error;
        return await inTurn(now, act);
      }
    },
    derive: async (inputs, epoch) => {
      const refs: string[] = [];
      for (let at = 0; at < inputs.length; at += limits.blindBatchMax) {
        const some = inputs.slice(at, at + limits.blindBatchMax);
        refs.push(...(await deriveBatch(options, stopped, some, epoch)));
      }
      return refs;
    },
  };
}

async function inTurn<T>(epochs: readonly string[], act: (epoch: string) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (const epoch of epochs) done.push(await act(epoch));
  return done;
}

function epochsIn(view: DirectoryView | undefined): string[] {
  const { current, epochs } = published(view);
  return [current, ...epochs.map(({ epoch }) => epoch).filter((epoch) => epoch !== current)];
}

async function deriveBatch(
  options: Options,
  stopped: Set<string>,
  inputs: readonly Uint8Array[],
  name: string,
): Promise<string[]> {
  const { log, thread } = options;
  const epoch = epochOf(options, name);
  if (stopped.has(said(epoch))) throw mismatch();
  const batch = await thread.blind(inputs);
  const answered = await ask(options, name, batch.blinded);
  const refs = await theirFault('unavailable', async () => {
    const evaluated = answered.map((text) => decodeBase64url(text));
    return await thread.finish(inputs, batch, evaluated, epoch);
  });
  if (refs !== undefined) return refs;
  stopped.add(said(epoch));
  log.error({ event: 'canary_mismatch', alarm: true, name });
  throw mismatch();
}

async function ask(options: Options, epoch: string, blinded: readonly Uint8Array[]): Promise<string[]> {
  const { federation, refresh, view } = options;
  const call = async () =>
    await federation.call({
      member: authorityIn(view()),
      method: 'POST',
      path: '/v1/subject-refs',
      body: { epoch, blinded: blinded.map(encodeBase64url) },
      schema: evaluation,
      timeoutMs,
    });
  // An epoch that the authority does not know has just ended; the directory here does not say so yet.
  const answer = await theirFault('not_ready', call, refresh);
  if (answer.epoch !== epoch) throw new CausewayError('unavailable', { internal: 'another epoch' });
  return answer.evaluated;
}

/** What is wrong between the authority and this node is no `bad_request` of whoever asks the node. */
async function theirFault<T>(
  code: ErrorCode,
  act: () => Promise<T>,
  before: () => Promise<void> = async () => undefined,
): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof CausewayError) || cause.code !== 'bad_request') throw cause;
    await before().catch(() => undefined);
    throw new CausewayError(code, { internal: 'a blind evaluation was not understood', cause });
  }
}

function published(view: DirectoryView | undefined): References {
  const references = view?.references;
  if (references === undefined) {
    throw new CausewayError('not_ready', { internal: 'the directory publishes no epoch of references' });
  }
  return references;
}

function epochOf({ view }: Options, name: string): ReferenceEpoch {
  const found = published(view()).epochs.find(({ epoch }) => epoch === name);
  if (found === undefined) throw new CausewayError('not_ready', { internal: 'the epoch is not published' });
  return found;
}

function authorityIn(view: DirectoryView): string {
  const [entry] = view.membersWith('authority');
  if (entry === undefined) throw new CausewayError('not_ready', { internal: 'no authority is listed' });
  return entry.id;
}

const said = ({ epoch, canary }: ReferenceEpoch): string => `${epoch}.${canary}`;

const mismatch = (): CausewayError =>
  new CausewayError('unavailable', { internal: 'the canary of a blind evaluation failed' });
