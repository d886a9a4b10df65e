import { cosign, formatNote, parseNote, parseProof, formatProof } from '@causeway/ledger';
import { describe, expect, it } from 'vitest';
import { chain } from './chain.fixture.ts';
import { proveBundle } from './evidence-assembly.ts';
import { statementsIn } from './evidence-statements.ts';
import { verifyBundle } from './evidence.ts';
import {
  bare,
  bundle,
  ledgered,
  ledgeredWith,
  proofFiles,
  seenByAll,
  witnessSigner,
} from './evidence.fixture.ts';
import { now } from './federation.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';

const { anchor, view } = ledgered;
const files = new Map(
  Array.from(
    proofFiles(statementsIn(bare()), ({ ledger }) => seenByAll(ledger)),
    ([digest, { proof }]) => [digest, proof],
  ),
);

/** The proof of the report with a cosignature more, by a key that the directory does not have. */
function withStranger(proof: string): string {
  const parsed = parseProof(proof);
  const { signatures, text } = parseNote(parsed.checkpoint);
  const line = cosign(text, witnessSigner('central', 3), now + 3);
  return formatProof({ ...parsed, checkpoint: formatNote({ text, signatures: [line, ...signatures] }) });
}

describe('a bundle is put together', () => {
  it('S53 from the proof files of its statements, and verifies', () => {
    const made = proveBundle(bare(), files, { anchor, view });
    expect(made).toMatchObject({ leaves: bundle().leaves, checkpoints: bundle().checkpoints });
    expect(Object.keys(made).slice(-2)).toEqual(['leaves', 'checkpoints']);
    expect(verifyBundle(made, { anchor }).verdict).toBe('verified');
  });

  it('S53 with no head and no entry that it does not need', () => {
    const early = ledgeredWith([], 6, now - 300, ledgered);
    const known = { heads: [ledgered.head.jws, early.head.jws], entries: [...ledgered.texts] };
    const made = proveBundle(bare(known), files, { anchor, view });
    expect(made.heads).toEqual([ledgered.head.jws]);
    const ids = made.entries.map((text) => (JSON.parse(text) as { id: string }).id);
    expect(ids.toSorted()).toEqual(['abc-bank', 'authority', 'broker', 'central', 'consumer', 'lotus']);
    expect(ledgered.texts).toHaveLength(7);
  });

  it('S53 under the directory of now, where witnesses were slower than those that it came with', () => {
    const seen = proofFiles(statementsIn(bare()), ({ ledger }) => seenByAll(ledger, now + 900));
    const proofs = new Map(Array.from(seen, ([digest, { proof }]) => [digest, proof]));
    const young = ledgeredWith([], 8, now + 800, ledgered);
    const made = proveBundle(bare(), proofs, { anchor, view: young.view });
    expect(made.heads).toEqual([young.head.jws]);
    expect(verifyBundle(made, { anchor }).verdict).toBe('verified');
  });

  it('without the signatures of strangers, and with a tree once that is served with one line more', () => {
    const { digest } = chain.report;
    const proofs = new Map(files).set(digest, withStranger(files.get(digest) ?? ''));
    expect(proveBundle(bare(), proofs, { anchor, view })).toEqual(
      proveBundle(bare(), files, { anchor, view }),
    );
  });

  it('what has no proof stays without, and is told', () => {
    const proofs = new Map(files);
    proofs.delete(chain.consent.digest);
    const made = proveBundle(bare(), proofs, { anchor, view });
    expect(made.leaves).toHaveLength(6);
    const { unproven, verdict } = verifyBundle(made, { anchor });
    expect([verdict, unproven.map(({ type }) => type)]).toEqual(['unproven', ['consent']]);
    // Asked for again, it is whole.
    expect(verifyBundle(proveBundle(made, files, { anchor, view }), { anchor }).verdict).toBe('verified');
  });

  it.each<[string, (good: string) => string]>([
    ['is none', () => 'c2sp.org/tlog-proof@v1'],
    ['is of another statement', () => files.get(chain.inquiry.digest) ?? ''],
    ['is of another ledger', () => files.get(chain.grant.digest) ?? ''],
    ['no member has signed', (good) => good.replaceAll('test-fed', 'best-fed')],
    ['too few have seen', (good) => good.split('\n').slice(0, -4).join('\n').concat('\n')],
  ])('S53 a proof that %s is refused, whoever serves it', (_what, change) => {
    const { digest } = chain.report;
    const proofs = new Map(files).set(digest, change(files.get(digest) ?? ''));
    const { code } = refusal(() => proveBundle(bare(), proofs, { anchor, view }));
    expect(code).toBe('evidence_invalid');
  });

  it('S17 under another anchor there is no bundle', () => {
    expect(codeOf(() => proveBundle(bare(), files, { anchor: chain.report.digest, view }))).toBe(
      'anchor_mismatch',
    );
  });
});
