import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { readOfficers } from './admission/officers.ts';
import { ceremony } from './ceremony/ceremony.ts';

/**
 * `node src/ceremony.ts --dir <keys> --fed <id> --member authority --public-url <url> --federation-url
 * <url> [--host <name or address> ...] [--officers <JWK Set>]`: makes a federation's keys once and prints
 * one JSON object with its anchor. `--host` adds hosts that members' federation listeners may have;
 * localhost is always among them. `--officers` names the file with the public keys of those who may sign
 * warrants.
 */
const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    fed: { type: 'string' },
    member: { type: 'string', default: 'authority' },
    'public-url': { type: 'string' },
    'federation-url': { type: 'string' },
    host: { type: 'string', multiple: true, default: [] },
    officers: { type: 'string' },
  },
});
const { dir, fed, member, host: hosts } = values;
const [publicUrl, federationUrl] = [values['public-url'], values['federation-url']];
if (!dir || !fed || !publicUrl || !federationUrl) {
  process.stderr.write('usage: ceremony --dir <keys> --fed <id> --public-url <url> --federation-url <url>\n');
  process.exit(2);
}
try {
  const file = values.officers;
  const officers = file === undefined ? [] : [...readOfficers(readFileSync(file, 'utf8')).values()];
  const options = { dir, fed, member, publicUrl, federationUrl, hosts, officers };
  const made = ceremony(options, systemClock, systemRandom);
  process.stdout.write(`${JSON.stringify(made)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'the ceremony failed'}\n`);
  process.exit(1);
}
