import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chain } from './chain.fixture.ts';
import { checkEvidenceBundle, type EvidenceBundle } from './evidence-bundle.ts';
import { verifyBundle } from './evidence.ts';
import { bare, bundle, grown, ledgered, seenByAll, type Seen } from './evidence.fixture.ts';
import { now } from './federation.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';

const { anchor } = ledgered;
const whole = bundle();
const verdictOf = (changed: unknown) => verifyBundle(changed, { anchor });

/** How a bundle is refused whose leaves or checkpoints were changed so. */
const refused = (change: (made: EvidenceBundle) => Partial<EvidenceBundle>, made = whole) =>
  refusal(() => verdictOf({ ...made, ...change(made) }));

type Leaf = EvidenceBundle['leaves'][number];

const leafOf = ({ leaves }: EvidenceBundle, digest: string): Leaf =>
  leaves.find((leaf) => leaf.digest === digest) as Leaf;

const replaced = (made: EvidenceBundle, digest: string, change: Partial<Leaf>) => ({
  leaves: made.leaves.map((leaf) => (leaf.digest === digest ? { ...leaf, ...change } : leaf)),
});

/** The bundle with another checkpoint of the ledger that has this leaf, of that ledger's own or of none. */
function under(checkpoint: (old: string) => string, digest: string = chain.report.digest) {
  const at = leafOf(whole, digest).checkpoint;
  return refused(({ checkpoints }) => ({
    checkpoints: checkpoints.map((old, index) => (index === at ? checkpoint(old) : old)),
  }));
}

/** The broker's ledger, with inquiry and report, as these have seen it. */
const brokers = (seen: Seen): string =>
  grown('broker', [chain.inquiry.digest, chain.report.digest], 0, seen).checkpoint;

describe('S53 the leaves of a bundle', () => {
  it('S53 are shown to be in their issuers’ ledgers, under each checkpoint once', () => {
    const { checks, unproven, verdict } = verdictOf(whole);
    expect([verdict, unproven]).toEqual(['verified', []]);
    expect([whole.leaves.length, whole.checkpoints.length]).toEqual([7, 4]);
    expect(checks.find(({ name }) => name === 'leaves')?.detail).toMatch(
      /^7 in their ledgers, under 4 checkpoints, seen by enough witnesses from .+Z to .+Z$/u,
    );
  });

  it('S53 one missing is told by name, and the bundle is not fully verified', () => {
    const { disclosure, lotusDisclosure } = chain;
    const leaves = whole.leaves.filter(({ digest }) => digest !== disclosure.digest);
    const without = { ...whole, leaves: leaves.map((leaf) => ({ ...leaf })) };
    const used = new Set(leaves.map(({ checkpoint }) => checkpoint));
    expect(used.size).toBe(3);
    const gone = leafOf(whole, disclosure.digest).checkpoint;
    without.checkpoints = whole.checkpoints.filter((_, at) => at !== gone);
    without.leaves = leaves.map((leaf) => ({
      ...leaf,
      checkpoint: leaf.checkpoint > gone ? leaf.checkpoint - 1 : leaf.checkpoint,
    }));
    const { checks, unproven, verdict } = verdictOf(without);
    expect(verdict).toBe('unproven');
    expect(unproven).toMatchObject([{ type: 'disclosure', issuer: 'central', digest: disclosure.digest }]);
    const { detail, ok } = checks.find(({ name }) => name === 'leaves') ?? {};
    expect([ok, detail?.split('; ')[1]]).toEqual([false, 'without proof yet: disclosure of central']);
    expect(leafOf(without, lotusDisclosure.digest)).toBeDefined();
  });

  it('S53 none at all is no verified bundle either, and without an anchor the signer stays unknown', () => {
    expect(verdictOf(bare())).toMatchObject({ verdict: 'unproven', unproven: { length: 7 } });
    const { unproven, verdict } = verifyBundle(bare());
    expect([verdict, unproven.length]).toEqual(['consistent_signer_unknown', 7]);
  });

  it('S53 the proof of another leaf shows nothing', () => {
    const other = leafOf(whole, chain.report.digest);
    const { hashes, index } = other;
    const wrong = refused((made) => replaced(made, chain.inquiry.digest, { hashes, index }));
    expect([wrong.code, wrong.detail?.split(':')[0]]).toEqual(['evidence_invalid', 'proof_invalid']);
    expect(refused((made) => replaced(made, chain.inquiry.digest, { index })).code).toBe('evidence_invalid');
    const foreign = { digest: chain.refusal.digest };
    expect(refused((made) => replaced(made, chain.inquiry.digest, foreign)).code).toBe('link_mismatch');
  });

  it.each<[string, (hashes: string[]) => string[]]>([
    ['truncated', (hashes) => hashes.slice(1)],
    ['with a hash too many', (hashes) => [...hashes, ...hashes]],
    ['with its spare bits set', (hashes) => hashes.map((hash) => `${hash.slice(0, 42)}B=`)],
    ['with hashes of another length', (hashes) => hashes.map((hash) => hash.slice(4))],
    ['with 64 hashes', (hashes) => Array.from({ length: 64 }, () => hashes[0] ?? '')],
  ])('S46 S53 an inclusion proof %s is refused', (_what, change) => {
    const { digest } = chain.inquiry;
    const { code } = refused((made) =>
      replaced(made, digest, { hashes: change(leafOf(made, digest).hashes) }),
    );
    expect(code).toBe('evidence_invalid');
  });

  it('S53 a leaf or a checkpoint that is there twice, or that nothing needs, is refused', () => {
    const [first] = whole.leaves;
    const codes = [
      refused(({ leaves }) => ({ leaves: [...leaves, ...(first ? [first] : [])] })),
      refused(({ checkpoints }) => ({ checkpoints: [...checkpoints, ...checkpoints.slice(0, 1)] })),
      refused(({ checkpoints }) => ({
        checkpoints: [...checkpoints, brokers(seenByAll('broker').slice(1))],
      })),
      refused(({ checkpoints }) => ({ checkpoints: checkpoints.slice(1) })),
      refused((made) => replaced(made, chain.inquiry.digest, { checkpoint: 99 })),
      refused(({ checkpoints, leaves }) => ({
        checkpoints: [...checkpoints, brokers(seenByAll('broker').slice(1))],
        ...replaced({ ...whole, leaves }, chain.inquiry.digest, { checkpoint: checkpoints.length }),
      })),
    ].map(({ code }) => code);
    expect(codes).toEqual(codes.map(() => 'evidence_invalid'));
  });

  it('S64 unknown members of a leaf are refused, and a checkpoint beyond its bound', () => {
    const noted = whole.leaves.map((leaf) => ({ ...leaf, note: 1 }));
    expect(codeOf(() => checkEvidenceBundle({ ...whole, leaves: noted }))).toBe('evidence_invalid');
    expect(under((old) => `${old}${'— x AAAAAAAA\n'.repeat(10_000)}`).code).toBe('evidence_invalid');
    expect(under((old) => `${'x'.repeat(131_073)}${old}`).code).toBe('evidence_invalid');
  });
});

describe('S47 S52 the checkpoints of a bundle', () => {
  const [authority, consumer, central] = seenByAll('broker');
  const operator = ['broker', now + 3] as const;
  const pick = (...seen: (Seen[number] | undefined)[]): Seen => seen.flatMap((each) => (each ? [each] : []));

  it.each<[string, Seen]>([
    ['two members, one the authority', pick(authority, consumer)],
    ['two members, none the authority', pick(consumer, central)],
    ['its operator too, which counts for nothing', pick(operator, authority, consumer)],
  ])('S52 counts where it was seen by %s', (_who, seen) => {
    expect(under(() => brokers(seen)).code).toBe('accepted');
  });

  it.each<[string, Seen]>([
    ['nobody', []],
    ['one member', pick(consumer)],
    ['its operator alone', pick(operator)],
    ['the authority alone', pick(authority)],
    ['its operator and one member', pick(operator, consumer)],
    ['its operator and the authority', pick(operator, authority)],
  ])('S52 does not count where it was seen by %s', (_who, seen) => {
    const { code, detail } = under(() => brokers(seen));
    expect([code, detail?.split(':')[0]]).toEqual(['evidence_invalid', 'quorum_missing']);
  });

  it.each<[string, (old: string) => string]>([
    [
      'of another ledger',
      () => grown('central', [chain.disclosure.digest], 0, seenByAll('central')).checkpoint,
    ],
    ['of another tree', () => grown('broker', [chain.inquiry.digest], 0, seenByAll('broker')).checkpoint],
    ['truncated in a line', (old) => old.slice(0, -20)],
    ['without its signatures', (old) => old.slice(0, old.indexOf('\n\n') + 2)],
    ['without its ledger’s signature', (old) => old.replace(/— causeway\/test-fed\/broker .+\n/u, '')],
    ['with a line by somebody unknown', (old) => `${old}— other/witness ${'A'.repeat(100)}\n`],
    ['with a line twice', (old) => `${old}${old.slice(old.lastIndexOf('—'))}`],
    [
      'by a witness that had another key',
      () => brokers([['consumer', now, 2], ...seenByAll('broker').slice(2)]),
    ],
    [
      'of a time that never comes',
      () =>
        brokers([
          ['consumer', 2 ** 52],
          ['central', 2 ** 52],
        ]),
    ],
  ])('S47 one %s is refused', (_what, change) => {
    expect(under(change).code).toBe('evidence_invalid');
  });

  it('S3 S17 each flipped character behind "leaves" is refused', () => {
    const text = JSON.stringify(whole);
    const tail = text.indexOf('"leaves"');
    const flipped = fc.record({
      at: fc.integer({ min: tail, max: text.length - 1 }),
      to: fc.constantFrom('A', 'B', '0', '1', 'n', ' ', '—', '"', '\\', '+', '='),
    });
    fc.assert(
      fc.property(flipped, ({ at, to }) => {
        fc.pre(text[at] !== to);
        const changed = text.slice(0, at) + to + text.slice(at + 1);
        let parsed: unknown;
        try {
          parsed = JSON.parse(changed);
        } catch {
          return;
        }
        expect(codeOf(() => verdictOf(parsed))).not.toBe('accepted');
      }),
      { numRuns: 600 },
    );
  });
});
