import { parseArgs } from 'node:util';
import { inquiryBench } from './inquiry/bench.ts';

/**
 * `pnpm bench <name> [--quick] [--json] [--backend postgres|redis] [--rate n]`: measures by running, and
 * compares with a baseline in the same run. What it does goes to stderr; with --json stdout holds one object.
 */
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

function misused(): never {
  tell('usage: pnpm bench inquiry [--quick] [--json] [--backend postgres|redis] [--rate <per second>]');
  process.exit(2);
}

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        backend: { type: 'string', default: 'postgres' },
        rate: { type: 'string', default: '60' },
      },
    });
  } catch {
    return misused();
  }
}

const { positionals, values } = asked();
const { backend } = values;
const rate = Number(values.rate);
if (positionals[0] !== 'inquiry' || (backend !== 'postgres' && backend !== 'redis') || !(rate > 0)) misused();
const result = await inquiryBench({ backend, quick: values.quick, rate, tell });
process.stdout.write(`${JSON.stringify(result, undefined, values.json ? undefined : 2)}\n`);
