import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@causeway/kernel';
import { type DirectoryView, type LineProof, proveLines } from '@causeway/sdk';
import type { Clients } from '../clients.ts';
import type { SandboxSubject } from '../people/persons.ts';
import { accessesOf } from './accesses-of.ts';

const witnessedWithinMs = 20_000;
const askAgainMs = 250;

/**
 * The proof of the subject's oldest line since a time, when enough witnesses have seen its tree; the last
 * that there was where they do not within 20 s.
 */
export async function witnessedProof(
  clients: Clients,
  view: DirectoryView,
  subject: SandboxSubject,
  sinceMs: number,
): Promise<LineProof> {
  const giveUpAt = performance.now() + witnessedWithinMs;
  for (;;) {
    const accesses = await accessesOf(clients, subject);
    const line = accesses.findLast(({ at }) => Date.parse(at) >= sinceMs);
    if (!line) throw new Error('the history has no line of this story');
    const [proof] = await proveLines([line], { view, nowMs: systemClock.now() });
    if (!proof) throw new Error('a line has a verdict');
    const done = proof.state === 'proven' && proof.proven.witnessed;
    if (done || performance.now() > giveUpAt) return proof;
    await wait(askAgainMs);
  }
}
