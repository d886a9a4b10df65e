import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { seconds, systemClock } from '@causeway/kernel';
import { chooseKey, isStatementType, kidOf, signingKeyFromJwk, statementUses } from '@causeway/protocol';
import type { Federation } from '../federation.ts';
import { addStatementKey } from '../member-keys.ts';
import { enact, enrolKey } from '../officer-acts.ts';
import { logMark, logged } from './log-events.ts';

/** Clocks of two nodes may be this far apart: what the old key signed last must be older than its end. */
const SKEW_MS = 3000;
const LOOK_MS = 500;
const PATIENCE_MS = 90_000;

/** A statement key that has been enrolled beside the old one, which is not retired yet. */
export interface NewKey {
  kid: string;
  /** Resolves when the member signs with it: a node says so in its log, a lender goes by the directory. */
  signs: () => Promise<void>;
  /** Retires the keys of before. */
  retireOld: () => Promise<void>;
}

/**
 * Replaces a member's statement key on the running federation, in the order that loses nothing: the new key
 * into the folder, into the directory; when it signs, the old one is retired.
 */
export async function rotateStatementKey(federation: Federation, member: string): Promise<string> {
  const { kid, signs, retireOld } = await addKey(federation, member);
  await signs();
  await retireOld();
  return kid;
}

/** The first half of a rotation: published and not yet alone. */
export async function addKey(federation: Federation, member: string): Promise<NewKey> {
  const node = federation.processes.has(member);
  const since = node ? logMark(federation, member) : 0;
  const entry = (await anyLender(federation).directory.view()).member(member);
  const use = statementUses(entry?.roles ?? []);
  const old = (entry?.keys ?? []).filter((key) => key.use.some(isStatementType));
  const standing = old.filter(({ retired_at, revoked_at }) => (retired_at ?? revoked_at) === undefined);
  const { key } = addStatementKey(join(federation.home, 'keys', member));
  const kid = kidOf(member, key);
  await enrolKey(federation.url('authority'), federation.ceremony, { member, key, use });
  const signs = async (): Promise<void> =>
    node
      ? await logged(federation, member, { event: 'signing_key', digest: kid, since })
      : await isChosen(federation, member, kid);
  const kids = standing.map(({ jwk }) => kidOf(member, jwk));
  return { kid, signs, retireOld: async () => await retireAll(federation, member, kids) };
}

async function retireAll(federation: Federation, member: string, kids: readonly string[]): Promise<void> {
  await wait(SKEW_MS);
  for (const kid of kids) {
    await enact(federation.url('authority'), federation.ceremony, { act: 'retire_key', member, kid });
  }
}

/** Revokes a member's key: nothing that it signed has a new effect. */
export async function revokeKey(federation: Federation, member: string, kid: string): Promise<void> {
  await enact(federation.url('authority'), federation.ceremony, { act: 'revoke_key', member, kid });
}

/** What the SDK of this member signs with, by the directory. */
async function isChosen(federation: Federation, member: string, kid: string): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const { keys } = await anyLender(federation).directory.view();
    const own = federation.keys(member).statements.map((key) => signingKeyFromJwk(member, key));
    if (chooseKey(own, 'inquiry', keys, seconds(systemClock))?.kid === kid) return;
    if (performance.now() > giveUpAt) throw new Error(`${member} does not sign with ${kid}`);
    await wait(LOOK_MS);
  }
}

const anyLender = (federation: Federation) => federation.lender(federation.card.lenders[0] ?? '');
