import {
  Findings,
  LedgerError,
  cosigners,
  isWitnessed,
  parseCheckpoint,
  parseNote,
  proveLedger,
  tilePath,
} from '@causeway/ledger';
import type { Finding, Note } from '@causeway/ledger';
import { nodesIn } from '@causeway/protocol';
import type { LedgerDirectory, LedgerTrust } from '@causeway/protocol';
import { send } from './http.ts';
import type { SeenTree } from './leaf-proof.ts';
import { ServedLedger } from './served-ledger.ts';

/** What an audit of a whole ledger from outside has shown. */
export interface LedgerAudit extends SeenTree {
  /** Whose ledger it is. */
  readonly ledger: string;
  /** Members other than the operator whose cosignatures on the checkpoint hold. */
  readonly witnesses: readonly string[];
  /** What does not hold and exactly where; a tile by its path below the ledger's prefix. */
  readonly findings: readonly Finding[];
}

interface Options {
  /** Leaves that have been looked at, and how many there are. */
  readonly onProgress?: (leaves: number, size: number) => void;
  /** Findings beyond this are not told. */
  readonly findingsMax?: number;
}

/**
 * Proves a ledger anew from what its node serves to everybody: every entry, every tile, the checkpoint over
 * them, its signature and its cosignatures. Nothing is believed but the keys of the directory.
 *
 * @param baseUrl of the node's public listener, or of whoever serves the same below `/ledger`
 * @throws CausewayError `unavailable` where the node does not answer, `not_found` where it has no checkpoint;
 *   LedgerError `malformed` where what it serves is no checkpoint
 */
export async function auditLedger(
  baseUrl: string,
  trust: LedgerTrust,
  { onProgress = () => undefined, findingsMax = 100 }: Options = {},
): Promise<LedgerAudit> {
  const checkpoint = (await send({ method: 'GET', url: `${baseUrl}/ledger/checkpoint` })).text;
  const note = parseNote(checkpoint);
  const { root, size } = parseCheckpoint(note.text);
  const findings = new Findings(findingsMax);
  const stored = { size, root, note: checkpoint, cosignatures: [] };
  const served = new ServedLedger(baseUrl, stored, (leaves) => onProgress(leaves, size));
  if (size === 0) findings.add({ what: 'checkpoint', at: '0', detail: 'holds no leaf' });
  const edge = await proveLedger(served, trust, findings);
  for (const fault of await served.openTileFaults(edge)) findings.add(fault);
  const witnesses = judgeWitnesses(note, size, trust, findings);
  return { ledger: trust.member, size, root, checkpoint, witnesses, findings: findings.list.map(byPath) };
}

/** The node whose public listener this is, by the directory. */
export function ledgerAt(view: LedgerDirectory, baseUrl: string): string | undefined {
  return nodesIn(view).find(({ endpoints }) => endpoints.public === baseUrl)?.id;
}

/** The witnesses whose cosignatures hold; one that does not is named, and so is that they are too few. */
function judgeWitnesses(note: Note, size: number, trust: LedgerTrust, findings: Findings): string[] {
  const held = trust.witnesses.flatMap((witness) => {
    try {
      return cosigners(note, [witness]).map(({ witness: member }) => member);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      findings.add({ what: 'cosignature', at: `${size} ${witness.member}`, detail: 'does not hold' });
      return [];
    }
  });
  const others = [...new Set(held)].filter((member) => member !== trust.quorum.operator);
  if (!isWitnessed(others, trust.quorum))
    findings.add({ what: 'checkpoint', at: `${size}`, detail: 'too few witnesses have cosigned it' });
  return others;
}

/** A full tile by its path; those that are not full are named so already. */
function byPath(finding: Finding): Finding {
  const [, level, index] = /^(\d+)\/(\d+)$/u.exec(finding.at) ?? [];
  if (finding.what !== 'tile' || level === undefined) return finding;
  return { ...finding, at: tilePath({ level: Number(level), index: Number(index), width: 256 }) };
}
