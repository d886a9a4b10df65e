import { defineConfig } from 'vitest/config';

const everywhere = [
  'packages/*/src/**',
  'services/*/src/**',
  'scripts',
  'test/bench/**',
  'test/second-verifier',
];
/** Hundreds of faults, or a thousand races, under load. */
const whole = ['test/fault/{crash-points,stop-races}.test.ts'];
/**
 * Whole federations, and not beside the quick ones. Some of their tests sit on the edge of a second; what a
 * busy machine made late is judged once more, and a retry is shown in the report.
 */
const federations = (groupOrder: number) => ({
  testTimeout: 120_000,
  hookTimeout: 180_000,
  retry: 1,
  sequence: { groupOrder },
});

/** Projects: what a test needs decides where it runs. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: everywhere.map((place) => `${place}/*.test.ts`),
          exclude: ['**/*.db.test.ts', '**/*.redis.test.ts', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: everywhere.map((place) => `${place}/*.db.test.ts`),
          globalSetup: ['packages/sandbox/src/test-postgres.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      { extends: true, test: { name: 'arch', include: ['test/arch/**/*.test.ts'], testTimeout: 180_000 } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/{e2e,berka}/**/*.test.ts'],
          exclude: ['**/*.redis.test.ts'],
          ...federations(1),
        },
      },
      {
        extends: true,
        // In a browser, and partly against a federation.
        test: { name: 'page', include: ['test/page/**/*.test.ts'], ...federations(1) },
      },
      {
        extends: true,
        test: {
          name: 'fault',
          include: ['test/fault/**/*.test.ts'],
          exclude: ['**/*.redis.test.ts', ...whole],
          ...federations(1),
        },
      },
      {
        extends: true,
        test: {
          name: 'storm',
          include: whole,
          // These take the whole machine.
          fileParallelism: false,
          ...federations(2),
        },
      },
      {
        extends: true,
        test: {
          name: 'redis',
          include: [...everywhere, 'test/e2e', 'test/fault'].map((place) => `${place}/*.redis.test.ts`),
          globalSetup: ['packages/sandbox/src/test-postgres.ts', 'packages/sandbox/src/test-redis.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
});
