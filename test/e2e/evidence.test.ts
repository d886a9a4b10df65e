import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryOf, formatVerifierKey } from '@causeway/ledger';
import {
  CausewayError,
  type Digest,
  type EvidenceBundle,
  type MemberEntry,
  ledgerTrust,
  statementsIn,
} from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { verifyEvidence } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal, verifyProof } from '../second-verifier/verifier.mjs';
import { causeway } from './command-line.ts';
import { claimsOf } from './federation-call.ts';
import { type Forged, inventFederation } from './forged-federation.ts';
import { signTexts } from './raw-statement.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-evidence-'));
let federation: Federation;
let anchor: Digest;
let text: string;
let genuine: EvidenceBundle;
/** The evidence of another inquiry on the same person under the same consent. */
let another: EvidenceBundle;
/** The same, when one bureau did not answer and nobody waited for it. */
let hasty: string;
let forged: Forged;

beforeAll(async () => {
  federation = await startTestFederation();
  ({ anchor } = federation.card);
  await publishIslands(federation, () => undefined);
  const lender = federation.lender('abc-bank');
  const terms = usualTerms(federation.card.bureaus, 5);
  const agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
  const [one, two] = [await inquireUnder(lender, agreed, terms), await inquireUnder(lender, agreed, terms)];
  text = await lender.evidence(one.id);
  genuine = JSON.parse(text) as EvidenceBundle;
  another = JSON.parse(await lender.evidence(two.id)) as EvidenceBundle;
  await federation.process('harbour').stop();
  hasty = await lender.evidence(two.id, { withinMs: 0 });
  forged = inventFederation(genuine);
  // Evidence is for the day when none of this runs any more.
  for (const process of federation.processes.values()) await process.stop();
});
afterAll(async () => {
  await stopTestFederation(federation);
  rmSync(folder, { recursive: true, force: true });
});

/** What `causeway verify` says and exits with. */
async function verified(bundle: string, options: string[] = []): Promise<{ exit: number; said: string }> {
  const file = join(folder, 'bundle.json');
  writeFileSync(file, bundle);
  return await causeway('verify', file, ...options);
}

/** The code with which this bundle fails, or `passed`. */
function failure(bundle: string | EvidenceBundle, under: Digest | undefined = anchor): string {
  try {
    verifyEvidence(typeof bundle === 'string' ? bundle : JSON.stringify(bundle), under);
    return 'passed';
  } catch (error) {
    if (error instanceof CausewayError) return error.code;
    throw error;
  }
}

/** With those leaves and checkpoints only that its statements need, so that something else must fail. */
function fitted(bundle: EvidenceBundle): EvidenceBundle {
  const digests = new Set(statementsIn(bundle).map(({ digest }) => digest));
  const leaves = bundle.leaves.filter(({ digest }) => digests.has(digest));
  const needed = [...new Set(leaves.map(({ checkpoint }) => checkpoint))];
  return {
    ...bundle,
    leaves: leaves.map((leaf) => ({ ...leaf, checkpoint: needed.indexOf(leaf.checkpoint) })),
    checkpoints: needed.map((at) => bundle.checkpoints[at] ?? ''),
  };
}

describe('evidence with every service stopped', () => {
  test('the bundle verifies offline under the anchor', async () => {
    const { exit, said } = await verified(text, ['--anchor', anchor]);
    expect(said).toContain('verified under the anchor');
    expect(exit).toBe(0);
    expect(genuine.disclosures).toHaveLength(3);
  });

  test('S53 each of its statements is proven in the ledger of who issued it', () => {
    const { checks, unproven } = verifyEvidence(text, anchor);
    expect(unproven).toEqual([]);
    const { consent, disclosures, grants } = genuine;
    const all = 2 + [consent, ...grants, ...disclosures].length;
    expect([genuine.leaves.length, new Set(genuine.checkpoints).size]).toEqual([
      all,
      genuine.checkpoints.length,
    ]);
    expect(checks.find(({ name }) => name === 'leaves')?.detail).toContain(`${all} in their ledgers, under`);
    const origins = new Set(genuine.checkpoints.map((note) => note.slice(0, note.indexOf('\n'))));
    const ledgers = ['broker', 'central', 'consumer', 'harbour', 'lotus'];
    expect([...origins].toSorted()).toEqual(ledgers.map((member) => `causeway/causeway-sandbox/${member}`));
  });

  test('S53 a leaf and its checkpoint are a proof file, which a foreign tool verifies', () => {
    const ledgers = new Map(statementsIn(genuine).map(({ digest, ledger }) => [digest, ledger]));
    for (const { checkpoint, digest, hashes, index } of genuine.leaves) {
      const note = genuine.checkpoints[checkpoint] ?? '';
      const file = ['c2sp.org/tlog-proof@v1', `index ${index}`, ...hashes, '', note].join('\n');
      const trust = foreignTrust(ledgers.get(digest) ?? '');
      expect(verifyProof(Buffer.from(file), entryOf(digest), trust).index).toBe(index);
      const other = another.leaves.find((leaf) => leaf.index !== index && leaf.hashes !== hashes);
      const wrong = (): unknown => verifyProof(Buffer.from(file), entryOf(other?.digest ?? ''), trust);
      expect(wrong).toThrow(Refusal);
    }
  });

  /** What one knows of a ledger from the entries of the bundle, in the form of the second verifier. */
  function foreignTrust(ledger: string) {
    const entries = genuine.entries.map((entry) => JSON.parse(entry) as MemberEntry);
    const trust = ledgerTrust(
      {
        fed: genuine.fed,
        member: (id) => entries.find((entry) => entry.id === id),
        membersWith: (role) => entries.filter((entry) => entry.roles.includes(role)),
      },
      ledger,
    );
    const witnesses = trust.witnesses.map(({ key, member }) => ({ member, key: formatVerifierKey(key) }));
    const ledger_keys = trust.ledger.keys.map(formatVerifierKey);
    return { origin: trust.ledger.origin, ledger_keys, witnesses, ...trust.quorum };
  }

  test('S53 it holds no head and no entry that it does not need', () => {
    const { heads, entries } = verifyEvidence(text, anchor).used;
    expect([genuine.heads, genuine.entries]).toEqual([heads, entries]);
    const members = entries.map((entry) => (JSON.parse(entry) as { id: string }).id);
    expect(members).not.toContain('evergreen');
  });

  test('S53 what has no proof yet is named, and such a bundle is not fully verified', async () => {
    const { exit, said } = await verified(hasty, ['--anchor', anchor]);
    expect([exit, said]).toEqual([5, expect.stringContaining('without proof yet: disclosure of harbour')]);
    expect(said).toContain('not fully verified: 1 of its statements without proof yet');
    expect(said).not.toContain('verified under the anchor');
    expect((await verified(hasty)).exit).toBe(6);
  });

  test('S17 without an anchor it is consistent and its signer unknown, and the command exits 6', async () => {
    const { exit, said } = await verified(text);
    expect(said).toContain('consistent, signer unknown');
    expect(exit).toBe(6);
  });

  test('S17 under the anchor of somebody else it fails', async () => {
    const { exit, said } = await verified(text, ['--anchor', forged.anchor]);
    expect(said).toContain('anchor_mismatch');
    expect(exit).toBe(6);
  });
});

describe('a wholly invented federation', () => {
  test('S17 its perfect bundle fails under the real anchor', async () => {
    expect(failure(forged.bundle)).toBe('anchor_mismatch');
    const { exit, said } = await verified(JSON.stringify(forged.bundle), ['--anchor', anchor]);
    expect(said).toContain('anchor_mismatch');
    expect(exit).toBe(6);
  });

  test('S17 it is perfect: without an anchor it is as consistent as the real one, and exits 6', async () => {
    expect(verifyEvidence(JSON.stringify(forged.bundle), forged.anchor).verdict).toBe('verified');
    const { exit, said } = await verified(JSON.stringify(forged.bundle));
    expect(said).toContain('consistent, signer unknown');
    expect(exit).toBe(6);
  });

  test.each<[string, keyof EvidenceBundle]>([
    ['the real root', 'roots'],
    ['the real heads', 'heads'],
    ['the real entries', 'entries'],
    ['the real consent', 'consent'],
    ['the real inquiry', 'inquiry'],
    ['the real grants', 'grants'],
    ['the real disclosures', 'disclosures'],
    ['the real report', 'report'],
    ['the real leaves', 'leaves'],
    ['the real checkpoints', 'checkpoints'],
  ])('S17 with %s in it, it is not even consistent', (_what, part) => {
    const mixed = { ...forged.bundle, [part]: genuine[part] };
    for (const under of [undefined, anchor, forged.anchor])
      expect(failureUnder(mixed, under)).not.toBe('passed');
  });

  const failureUnder = (bundle: EvidenceBundle, under: Digest | undefined): string =>
    under === undefined ? failureWithoutAnchor(bundle) : failure(bundle, under);

  function failureWithoutAnchor(bundle: EvidenceBundle): string {
    try {
      return verifyEvidence(JSON.stringify(bundle)).verdict;
    } catch (error) {
      return error instanceof CausewayError ? error.code : 'failed';
    }
  }
});

describe('a changed bundle', () => {
  /** Another character of the same kind, so that the change is not seen by its spelling alone. */
  function flipped(at: number): string {
    const old = text[at] ?? '';
    const other = /\d/.test(old) ? String((Number(old) + 1) % 10) : old === 'A' ? 'B' : 'A';
    return text.slice(0, at) + other + text.slice(at + 1);
  }

  test('S17 one flipped byte anywhere fails', () => {
    const steps = 240;
    const every = Math.floor(text.length / steps);
    const positions = Array.from({ length: steps }, (_, i) => i * every + (i % every));
    const ends = [0, 1, 2, text.length - 2, text.length - 1];
    const passed = [...positions, ...ends].filter((at) => failure(flipped(at)) === 'passed');
    expect(passed.map((at) => text.slice(at - 20, at + 20))).toEqual([]);
  });

  test('S17 every byte of leaves and checkpoints is covered too', () => {
    const [leaves, checkpoints] = ['"leaves"', '"checkpoints"'].map((name) => text.lastIndexOf(name));
    const tail = Array.from({ length: text.length - (leaves ?? 0) }, (_, i) => (leaves ?? 0) + i);
    // All of one leaf and of one checkpoint, and of the others, which are no different, some.
    const starts = [leaves ?? 0, checkpoints ?? 0, text.length];
    const positions = tail.filter((at) => at % 31 === 0 || starts.some((s) => Math.abs(at - s) < 220));
    expect(positions.length).toBeGreaterThan(600);
    expect(positions.filter((at) => failure(flipped(at)) === 'passed')).toEqual([]);
  });

  test('S17 the command rejects flipped bytes with exit 6 in every part of the bundle', async () => {
    const parts = ['roots', 'heads', 'consent', 'grants', 'disclosures', 'report', 'checkpoints'];
    for (const part of parts.map((name) => `"${name}"`)) {
      const { exit } = await verified(flipped(text.indexOf(part) + 200), ['--anchor', anchor]);
      expect([part, exit]).toEqual([part, 6]);
    }
  });

  test.each<[string, () => EvidenceBundle, string]>([
    ['without its consent', () => without('consent'), 'evidence_invalid'],
    ['without one grant', () => ({ ...genuine, grants: grantsWithout('lotus') }), 'link_mismatch'],
    [
      'without one disclosure',
      () => ({ ...genuine, disclosures: genuine.disclosures.slice(1) }),
      'link_mismatch',
    ],
    ['without a directory', () => ({ ...genuine, heads: [] }), 'evidence_invalid'],
    ["with another inquiry's report", () => ({ ...genuine, report: another.report }), 'link_mismatch'],
    [
      "with another inquiry's disclosure",
      () => ({ ...genuine, disclosures: mixedDisclosures() }),
      'link_mismatch',
    ],
    ["with another inquiry's grants", () => ({ ...genuine, grants: another.grants }), 'link_mismatch'],
    ['with another inquiry', () => ({ ...genuine, inquiry: another.inquiry }), 'link_mismatch'],
    ['of another federation by name', () => ({ ...genuine, fed: 'other-fed' }), 'federation_mismatch'],
    [
      'whose report is no merge, though the broker signed it',
      () => ({ ...genuine, report: lie() }),
      'link_mismatch',
    ],
  ])('S17 a bundle %s fails', (_what, make, code) => {
    expect(failure(fitted(make()))).toBe(code);
  });

  test('S53 a leaf of a statement that is not there fails', () => {
    expect(failure({ ...genuine, report: another.report })).toBe('link_mismatch');
    expect(failure({ ...genuine, grants: grantsWithout('lotus') })).toBe('link_mismatch');
  });

  function without(part: 'consent'): EvidenceBundle {
    const { [part]: _gone, ...rest } = genuine;
    return rest;
  }
  function grantsWithout(node: string): string[] {
    return genuine.grants.filter((grant) => claimsOf(grant)['aud'] !== node);
  }
  function mixedDisclosures(): string[] {
    const [first = ''] = genuine.disclosures;
    const swap = another.disclosures.find((jws) => claimsOf(jws)['iss'] === claimsOf(first)['iss']);
    return [swap ?? '', ...genuine.disclosures.slice(1)];
  }
  /** The broker's own key signs that the subject owes nothing. */
  function lie(): string {
    const [header = '', payload = ''] = genuine.report
      .split('.')
      .map((p) => Buffer.from(p, 'base64url').toString());
    const claims = JSON.parse(payload) as { merged: { accounts: unknown[] } };
    expect(claims.merged.accounts.length).toBeGreaterThan(0);
    const nothing = { ...claims, merged: { ...claims.merged, accounts: [] } };
    return signTexts(header, JSON.stringify(nothing), federation.keys('broker').statement);
  }
});
