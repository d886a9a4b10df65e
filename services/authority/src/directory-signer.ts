import { systemClock, systemRandom } from '@causeway/kernel/system';
import { signingKeyFromJwk } from '@causeway/protocol/keys';
import { createDatabase } from '@causeway/service/database';
import { every } from '@causeway/service/every';
import { createLog } from '@causeway/service/log';
import { publish } from './directory/publish.ts';
import { signerConfiguration } from './directory/signer.ts';
import { readPrivateJwk } from './keys.ts';
import { serveParent } from './processes/serve.ts';
import type { AuthorityTables } from './tables.ts';

/** How soon a head follows a change that nobody told of, and how often its age is looked at. */
const TICK_MS = 1000;

/**
 * The process that holds the directory key, and no other does. It signs what the member table says: at once
 * when it is told that something changed, and by itself before a head grows old. Nobody can hand it a head to
 * sign.
 */
serveParent(signerConfiguration, async ({ keyFile, databaseUrl, member, fed, policy, logLevel }) => {
  const log = createLog({ name: 'directory-signer', level: logLevel });
  const key = signingKeyFromJwk(member, readPrivateJwk(keyFile));
  const { db } = createDatabase<AuthorityTables>({ url: databaseUrl, name: 'directory-signer', max: 2, log });
  const sign = () => publish(db, policy, { key, fed, clock: systemClock, random: systemRandom });
  every('directory', TICK_MS, sign, { log });
  return async () => ({ version: await sign() });
});
