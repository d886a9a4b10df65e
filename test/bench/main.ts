import { parseArgs } from 'node:util';
import { inquiryBench } from './inquiry/bench.ts';
import { ledgerBench } from './ledger/bench.ts';
import { nationBench } from './nation/bench.ts';
import { publishBench } from './publish/bench.ts';
import { sourceBench } from './source/bench.ts';

/**
 * `pnpm bench <name> [--quick] [--json]`: measures by running, and compares with a baseline in the same run.
 * What it does goes to stderr; with --json stdout holds one object.
 */
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

const USAGE = `usage: pnpm bench <name> [--quick] [--json]
  inquiry [--backend postgres|redis] [--rate <per second>]
  publish [--size <MB> | --full]
  source
  nation
  ledger [--rate <per second>]`;

function misused(): never {
  tell(USAGE);
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
        rate: { type: 'string' },
        size: { type: 'string' },
        full: { type: 'boolean', default: false },
      },
    });
  } catch {
    return misused();
  }
}

const { positionals, values } = asked();
const { backend, quick } = values;
const rate = values.rate === undefined ? undefined : Number(values.rate);
/** A file larger than any memory that the process could be given by mistake. */
const fullMb = '5000';
const size = values.full ? fullMb : values.size;
const bytes = size === undefined ? undefined : Number(size) * 1e6;
if (
  (backend !== 'postgres' && backend !== 'redis') ||
  !(rate === undefined || rate > 0) ||
  !(bytes === undefined || bytes > 0)
)
  misused();

const benches: Readonly<Record<string, () => Promise<object>>> = {
  inquiry: async () => await inquiryBench({ backend, quick, rate: rate ?? 60, tell }),
  ledger: async () => await ledgerBench({ quick, rate: rate ?? 100, tell }),
  nation: async () => await nationBench({ quick, tell }),
  source: async () => await sourceBench({ quick, tell }),
  publish: async () => await publishBench({ bytes, quick, tell }),
};
const [name = '', ...more] = positionals;
const bench = Object.hasOwn(benches, name) && more.length === 0 ? benches[name] : undefined;
const result = await (bench ?? misused)();
process.stdout.write(`${JSON.stringify(result, undefined, values.json ? undefined : 2)}\n`);
