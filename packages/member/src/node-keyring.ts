import type { Clock, Faults } from '@causeway/kernel';
import type { SigningKeys } from '@causeway/protocol';
import { every } from '@causeway/service';
import type { CommonConfig, LiveTls, Log } from '@causeway/service';

import type { DirectoryClient } from './directory-client.ts';
import { NodeCertificate } from './node-certificate.ts';
import { nodeSigning } from './node-signing.ts';

interface Options {
  readonly config: Pick<CommonConfig, 'keys' | 'member'>;
  readonly directory: Pick<DirectoryClient, 'latest' | 'onChange'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults: Faults;
}

/** A node's own keys while it runs: what signs, what it presents; both follow folder and directory. */
export interface Keyring {
  readonly signing: SigningKeys;
  readonly tls: LiveTls;
  /** Looks into the key folder again; also done whenever the directory changes. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** A key and a certificate become due by time alone, so somebody must look. */
const lookMs = 1000;

/** Nothing here needs a restart: a key counts as soon as folder and directory have it. */
export function openKeyring({ config, directory, clock, log, faults }: Options): Keyring {
  const { keys, member } = config;
  const parts = { member, keys, latest: () => directory.latest(), clock, log };
  const certificate = new NodeCertificate(parts);
  const reload = async (): Promise<void> => {
    try {
      if (keys.reload()) {
        log.info({ event: 'keys_loaded', count: keys.held().statements.length });
        await faults.at('key-loaded');
      }
    } catch (err) {
      // A file that is half written, or of another kind: what was read before goes on.
      log.error({ event: 'keys_unusable', alarm: true, err });
    }
    look();
  };
  const signing = nodeSigning(parts);
  const look = (): void => {
    certificate.choose();
    signing.tell();
  };
  directory.onChange(() => void reload());
  const timer = every('keys', lookMs, async () => look(), { log });
  return { signing, tls: certificate, reload, stop: async () => await timer.stop() };
}
