import { join } from 'node:path';
import { seconds } from '@causeway/kernel';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { ConfigError } from '@causeway/service/config-error';
import { createDatabase } from '@causeway/service/database';
import { every } from '@causeway/service/every';
import { createLog } from '@causeway/service/log';
import { publish } from './directory/publish.ts';
import { openRootFiles } from './directory/root-files.ts';
import { signerConfiguration } from './directory/signer.ts';
import { chooseDirectoryKey, readSigningFolder } from './directory/signing-folder.ts';
import { keyFolders } from './keys.ts';
import { serveParent } from './processes/serve.ts';
import type { AuthorityTables } from './tables.ts';

/** How soon a head follows a change that nobody told of, and how often its age is looked at. */
const TICK_MS = 1000;

/**
 * The process that holds the directory keys, and no other does. It signs what the member table says: at once
 * when it is told that something changed, and by itself before a head grows old. Nobody can hand it a head to
 * sign. Its folder is read anew for each, so that a ceremony counts without a restart.
 */
serveParent(signerConfiguration, async (configuration) => {
  const { dir, anchor, databaseUrl, member, fed, policy, logLevel } = configuration;
  const log = createLog({ name: 'directory-signer', level: logLevel });
  const { db } = createDatabase<AuthorityTables>({ url: databaseUrl, name: 'directory-signer', max: 2, log });
  const roots = openRootFiles({ dir, anchor, log });
  const folder = join(dir, keyFolders.signer);
  const sign = async (): Promise<number> => {
    const root = roots.newest();
    const held = readSigningFolder(folder, member);
    const key = chooseDirectoryKey(held, root, seconds(systemClock));
    if (!key) throw new ConfigError(`${folder} holds no directory key that the root file names.`);
    if (held.told !== undefined && held.told !== key.kid) {
      log.error({ event: 'directory_key_refused', alarm: true, digest: held.told });
    }
    const references = held.references === undefined ? {} : { references: held.references };
    const beside = { policy, root: { version: root.version, digest: root.fingerprint }, ...references };
    return await publish(db, beside, { key, fed, clock: systemClock, random: systemRandom });
  };
  every('directory', TICK_MS, sign, { log });
  return async () => ({ version: await sign() });
});
