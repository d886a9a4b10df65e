// The import rules over the workspace; run by scripts/check.mjs.
import { cruise, cruisePlanted } from '../test/arch/import-rules.ts';

const planted = cruisePlanted([
  { rule: 'gate-imports', file: 'packages/gate/src/a.ts', imports: '../../service/src/index.ts' },
]);
const seen = cruise();
for (const { rule, from, to } of seen.violations) console.log(`${rule}: ${from} -> ${to}`);
if (!planted.violations.some(({ rule }) => rule === 'gate-imports')) {
  console.log('a planted violation was not caught: the import check is blind');
  process.exitCode = 1;
}
if (seen.modules === 0) console.log('0 modules cruised: the import check is blind');
if (seen.modules === 0 || seen.violations.length > 0) process.exitCode = 1;
console.log(`${seen.modules} modules`);
