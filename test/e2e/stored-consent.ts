import { seconds, systemClock, systemRandom } from '@causeway/kernel';
import { type Digest, digestOf, kidOf } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import type { Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { openFor, sealFor } from '@causeway/service';
import { publicHalf } from './applicant.ts';
import { claimsOf } from './federation-call.ts';
import { signRaw } from './raw-statement.ts';
import { queryDatabase } from './rows.ts';
import { subjectKeysOf } from './subject-keys.ts';

type Claims = Record<string, unknown>;

/**
 * Puts another consent in the place of one that was given, as the consumer service would have signed it at
 * another time: there is no waiting for the end of a consent, which lasts a day at least. Its new digest is
 * returned.
 */
export async function replaceConsent(
  federation: Federation,
  { digest, subjectRef }: Agreed,
  change: (claims: Claims, now: number) => Claims,
): Promise<Digest> {
  const subjectKey = await subjectKeysOf(federation, 'consumer', async (keys) => await keys.of(subjectRef));
  const key = federation.keys('consumer').statement;
  const aad = (of: string) => `consent statement:${subjectRef}:${of}`;
  const [row] = await queryDatabase<{ statement: Buffer }>(
    federation,
    'consumer',
    'SELECT statement FROM consent WHERE digest = $1',
    [digest],
  );
  if (!row) throw new RangeError('no such consent is stored');
  const claims = claimsOf(openFor(subjectKey, row.statement, aad(digest)).toString());
  const header = { typ: 'causeway-consent+jws', alg: 'Ed25519', kid: kidOf('consumer', publicHalf(key)) };
  const jws = signRaw({ header, claims: change(claims, seconds(systemClock)) }, key);
  const replaced = digestOf(jws);
  const statement = sealFor(subjectKey, jws, aad(replaced), systemRandom);
  const text = 'UPDATE consent SET digest = $2, statement = $3 WHERE digest = $1';
  await queryDatabase(federation, 'consumer', text, [digest, replaced, statement]);
  return replaced;
}
