import { type Clock, limits } from '@causeway/kernel';
import {
  CausewayError,
  type Digest,
  type DirectoryView,
  type EvidenceBundle,
  type LeafedStatement,
  checkEvidenceBundle,
  parseStrictJson,
  proveBundle,
  statementsIn,
} from '@causeway/protocol';
import { send } from './http.ts';

/** How long to wait for witnesses, and for nodes that are away, in milliseconds; 0 asks each once. */
export const evidenceWaitMs = 20_000;

const [pauseMsFirst, pauseMsMax] = [100, 1000];
const answerWithinMs = 5_000;
const atOnceMax = 16;
/** What a node says, or what is said of it, while it cannot answer. */
const away = new Set(['not_found', 'unavailable', 'not_ready', 'internal', 'rate_limited']);

interface Gathering {
  /** Where the ledgers are, and their keys. */
  readonly view: DirectoryView;
  readonly anchor: Digest;
  readonly clock: Clock;
  readonly withinMs: number;
}

/**
 * A bundle with the proof of each of its statements, from the ledger that has its leaf, under the first
 * checkpoint that enough witnesses saw; what has none when time is over stays without.
 *
 * @throws CausewayError where what a node serves does not hold, or shows that a signature does not count
 */
export async function withProofs(text: string, by: Gathering): Promise<string> {
  const bundle: EvidenceBundle = checkEvidenceBundle(
    parseStrictJson(text, { bytesMax: limits.bundleBytesMax }),
  );
  return JSON.stringify(proveBundle(bundle, await gather(statementsIn(bundle), by), by));
}

async function gather(statements: readonly LeafedStatement[], by: Gathering): Promise<Map<Digest, string>> {
  const proofs = new Map<Digest, string>();
  const giveUpAt = by.clock.monotonic() + by.withinMs;
  for (let pause = pauseMsFirst; ; pause = Math.min(pause * 2, pauseMsMax)) {
    const missing = statements.filter(({ digest }) => !proofs.has(digest));
    for (let at = 0; at < missing.length; at += atOnceMax) {
      await Promise.all(missing.slice(at, at + atOnceMax).map((each) => ask(each, by.view, proofs)));
    }
    if (proofs.size === statements.length || by.clock.monotonic() + pause > giveUpAt) return proofs;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function ask(
  { digest, ledger }: LeafedStatement,
  view: DirectoryView,
  proofs: Map<Digest, string>,
): Promise<void> {
  const base = view.member(ledger)?.endpoints.public;
  if (base === undefined) return;
  const url = `${base}/ledger/proof/${encodeURIComponent(digest)}/first`;
  try {
    proofs.set(digest, (await send({ method: 'GET', url, timeoutMs: answerWithinMs })).text);
  } catch (error) {
    if (!(error instanceof CausewayError) || !away.has(error.code)) throw error;
  }
}
