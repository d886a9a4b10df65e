import { seconds } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';
import { CausewayError, chooseKey, statementUses } from '@causeway/protocol';
import type { DirectoryView, MemberEntry, SigningKey, SigningKeys, StatementType } from '@causeway/protocol';
import type { Log, NodeKeys } from '@causeway/service';

interface Options {
  readonly member: string;
  readonly keys: NodeKeys;
  readonly latest: () => DirectoryView | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface NodeSigning extends SigningKeys {
  /** Tells the log which keys sign, where that has changed. */
  tell(): void;
}

/**
 * The node's statement keys, of which the newest directory that it holds decides anew for each statement.
 * Past the directory's expiry too: what may be released then is another question than who signed it.
 */
export function nodeSigning({ member, keys, latest, clock, log }: Options): NodeSigning {
  const chosen = (type: StatementType): SigningKey | undefined => {
    const directory = latest()?.keys;
    return directory && chooseKey(keys.held().statements, type, directory, seconds(clock));
  };
  let told = '';
  return {
    member,
    for: (type) => {
      const key = chosen(type);
      if (key !== undefined) return key;
      throw new CausewayError('not_ready', { internal: `no key of this node may sign a ${type}` });
    },
    tell: () => {
      const kids = new Set(statementTypesOf(latest()?.member(member)).map((type) => chosen(type)?.kid));
      const now = [...kids].filter((kid) => kid !== undefined).join(' ');
      if (now === told) return;
      told = now;
      log.info({ event: 'signing_key', digest: now });
    },
  };
}

const statementTypesOf = (entry: MemberEntry | undefined): StatementType[] =>
  entry === undefined ? [] : statementUses(entry.roles);
