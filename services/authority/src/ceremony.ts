import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { readOfficers } from '@causeway/service/officers';
import { ceremony } from './ceremony/ceremony.ts';
import { dropEpoch, makeEpoch, useEpoch } from './ceremony/epochs.ts';
import {
  proposeRoot,
  publishRoot,
  readProposal,
  signProposal,
  useDirectoryKey,
} from './ceremony/next-root.ts';
import { readPrivateJwk } from './keys.ts';
import type { MemberStaff } from '@causeway/protocol/member-entry';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: 'string' },
    fed: { type: 'string' },
    member: { type: 'string', default: 'authority' },
    'public-url': { type: 'string' },
    'federation-url': { type: 'string' },
    host: { type: 'string', multiple: true, default: [] },
    officers: { type: 'string' },
    staff: { type: 'string' },
    'root-keys': { type: 'string' },
    threshold: { type: 'string' },
    'new-directory-key': { type: 'boolean', default: false },
    'drop-directory-key': { type: 'string' },
    proposal: { type: 'string' },
    key: { type: 'string', multiple: true, default: [] },
    kid: { type: 'string' },
    epoch: { type: 'string' },
  },
});

/** An option without which the command means nothing. */
function need(name: 'dir' | 'fed' | 'public-url' | 'federation-url' | 'proposal' | 'kid' | 'epoch'): string {
  const value = values[name];
  if (value === undefined) throw new TypeError(`--${name} is missing`);
  return value;
}

function count(name: 'root-keys' | 'threshold'): number | undefined {
  const text = values[name];
  if (text !== undefined && !/^[1-9][0-9]?$/u.test(text)) throw new TypeError(`--${name} is a small number`);
  return text === undefined ? undefined : Number(text);
}

const officersIn = (file: string | undefined) =>
  file === undefined ? [] : [...readOfficers(readFileSync(file, 'utf8')).values()];

const quorum = () => {
  const [rootKeys, threshold] = [count('root-keys'), count('threshold')];
  return {
    ...(rootKeys === undefined ? {} : { rootKeys }),
    ...(threshold === undefined ? {} : { threshold }),
  };
};

/** Each prints one JSON object; a proposal is a file that goes from holder to holder. */
const commands: Record<string, () => object> = {
  /**
   * Makes a federation's keys once; the anchor is printed. `--host`: further hosts of members' listeners.
   * `--officers`: the JWK Set of those who may sign warrants. `--staff`: how supervisors sign in, as JSON.
   */
  found: () => {
    const [dir, fed] = [need('dir'), need('fed')];
    const urls = { publicUrl: need('public-url'), federationUrl: need('federation-url') };
    const who = { member: values.member, officers: officersIn(values.officers) };
    const staff = values.staff === undefined ? {} : { staff: JSON.parse(values.staff) as MemberStaff };
    const options = { dir, fed, ...who, ...urls, hosts: values.host, ...quorum(), ...staff };
    return ceremony(options, systemClock, systemRandom);
  },
  'propose-root': () => {
    const change = {
      ...quorum(),
      newDirectoryKey: values['new-directory-key'],
      ...(values['drop-directory-key'] === undefined
        ? {}
        : { dropDirectoryKey: values['drop-directory-key'] }),
    };
    const proposal = proposeRoot(need('dir'), change, systemClock, systemRandom);
    writeFileSync(need('proposal'), JSON.stringify(proposal), { mode: 0o644 });
    return { proposal: need('proposal') };
  },
  'sign-root': () => {
    const proposal = readProposal(need('proposal'));
    const signed = signProposal(need('dir'), proposal, values.key.map(readPrivateJwk));
    writeFileSync(need('proposal'), JSON.stringify(signed), { mode: 0o644 });
    return { signatures: signed.signatures.length };
  },
  'publish-root': () => publishRoot(need('dir'), readProposal(need('proposal'))),
  'use-directory-key': () => {
    useDirectoryKey(need('dir'), values.member, need('kid'));
    return { signs: need('kid') };
  },
  'new-epoch': () => makeEpoch(need('dir'), systemRandom),
  'use-epoch': () => useEpoch(need('dir'), need('epoch')),
  'drop-epoch': () => dropEpoch(need('dir'), need('epoch')),
};

const [name = 'found'] = positionals;
try {
  const command = commands[name];
  if (!command) throw new TypeError(`the ceremonies are ${Object.keys(commands).join(', ')}`);
  process.stdout.write(`${JSON.stringify(command())}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'the ceremony failed'}\n`);
  process.exit(error instanceof TypeError ? 2 : 1);
}
