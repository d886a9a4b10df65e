import { expect, test } from 'vitest';
import { cruise, cruisePlanted, ruleNames, type Planted } from './import-rules.ts';

const sample = (rule: string, file: string, imports: string): Planted => ({ rule, file, imports });

/** For each rule one import that it must refuse. */
const refused = [
  sample('kernel-imports', 'packages/kernel/src/a.ts', '../../records/src/index.ts'),
  sample('records-imports', 'packages/records/src/a.ts', '../../protocol/src/index.ts'),
  sample('ledger-imports', 'packages/ledger/src/a.ts', '../../protocol/src/index.ts'),
  sample('protocol-imports', 'packages/protocol/src/a.ts', '../../gate/src/index.ts'),
  sample('policy-imports', 'packages/policy/src/a.ts', '../../protocol/src/index.ts'),
  sample('gate-imports', 'packages/gate/src/a.ts', '../../service/src/index.ts'),
  sample('aggregate-imports', 'packages/aggregate/src/a.ts', '../../policy/src/index.ts'),
  sample('service-imports', 'packages/service/src/a.ts', '../../gate/src/index.ts'),
  sample('member-imports', 'packages/member/src/a.ts', '../../records/src/index.ts'),
  sample('sdk-imports', 'packages/sdk/src/a.ts', '../../service/src/index.ts'),
  sample('proof-page-imports', 'packages/proof-page/src/a.ts', '../../protocol/src/index.ts'),
  sample('sandbox-imports', 'packages/sandbox/src/a.ts', '../../../services/broker/src/app.ts'),
  sample('cli-imports', 'packages/cli/src/a.ts', '../../protocol/src/index.ts'),
  sample('authority-imports', 'services/authority/src/a.ts', '../../broker/src/app.ts'),
  sample('consumer-imports', 'services/consumer/src/a.ts', '../../../packages/sandbox/src/index.ts'),
  sample('broker-imports', 'services/broker/src/a.ts', '../../../packages/cli/src/index.ts'),
  sample('bureau-imports', 'services/bureau/src/a.ts', '../../consumer/src/app.ts'),
  sample('ui-imports', 'packages/ui/src/a.ts', '../../sdk/src/index.ts'),
  sample('pages-import', 'services/broker/web/src/a.ts', '../../src/app.ts'),
  sample('one-importer-of-pg', 'services/broker/src/b.ts', 'pg'),
  sample('one-importer-of-pg-copy-streams', 'services/consumer/src/c.ts', 'pg-copy-streams'),
  sample('one-importer-of-bullmq', 'services/broker/src/d.ts', 'bullmq'),
  sample('one-importer-of-ioredis', 'packages/member/src/e.ts', 'ioredis'),
  sample('one-importer-of-node-forge', 'services/bureau/src/f.ts', 'node-forge'),
  sample('one-importer-of-libsodium-wrappers-sumo', 'packages/sdk/src/g.ts', 'libsodium-wrappers-sumo'),
  sample('one-importer-of-fastify-jwt', 'services/authority/src/h.ts', '@fastify/jwt'),
  sample('tests-import', 'packages/gate/src/b.test.ts', '../../sandbox/src/index.ts'),
  sample('tests-of-services-import', 'services/broker/src/b.test.ts', '../../bureau/src/app.ts'),
  sample('tests-are-leaves', 'services/broker/src/c.ts', './leaf.test.ts'),
  sample('fixtures-serve-tests', 'services/broker/src/e.ts', './inquiry.fixture.ts'),
  sample('pure-packages-do-no-io', 'packages/gate/src/c.ts', 'node:fs'),
  sample('no-cycle', 'services/bureau/src/cycle.ts', './round.ts'),
  sample('resolvable', 'services/bureau/src/d.ts', './absent.ts'),
  sample('declared', 'services/bureau/src/e.ts', 'undeclared-library'),
  sample('tests-use-test-libraries', 'packages/aggregate/src/g.ts', 'dev-library'),
];

/** Imports that are right, planted together with the wrong ones. */
const allowed = [
  sample('', 'packages/gate/src/right.ts', '../../policy/src/right.ts'),
  sample('', 'services/broker/src/right.ts', '../../../packages/aggregate/src/right.ts'),
  sample('', 'services/broker/src/right.test.ts', '../../../packages/sandbox/src/right.ts'),
  sample('', 'packages/service/src/database.ts', 'pg'),
];

const planted = cruisePlanted([...refused, ...allowed]);

test('every import rule has a planted sample', () => {
  expect(refused.map(({ rule }) => rule).sort()).toEqual(ruleNames().sort());
});

test.each(refused)('$rule refuses $imports in $file', ({ rule, file }) => {
  expect(planted.violations.filter((found) => found.from === file).map((found) => found.rule)).toContain(
    rule,
  );
});

test.each(allowed)('$imports in $file is allowed', ({ file }) => {
  expect(planted.violations.filter((found) => found.from === file)).toEqual([]);
});

test('the workspace keeps every import rule', () => {
  const { modules, violations } = cruise();
  expect(modules).toBeGreaterThan(0);
  expect(violations.map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`)).toEqual([]);
});
