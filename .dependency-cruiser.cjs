// What may import what. This table is the whole rule; test/arch/imports.test.ts shows each rule failing on a
// sample.

/** Package -> the workspace packages that its source may import. */
const packages = {
  kernel: [],
  records: ['kernel'],
  ledger: ['kernel'],
  protocol: ['kernel', 'records', 'ledger'],
  policy: ['kernel', 'records'],
  gate: ['kernel', 'records', 'protocol', 'policy'],
  aggregate: ['kernel', 'records', 'protocol'],
  service: ['kernel', 'protocol'],
  member: ['service', 'protocol', 'ledger', 'kernel'],
  sdk: ['kernel', 'records', 'protocol', 'ledger', 'aggregate'],
  'proof-page': ['sdk'],
  ui: [],
  sandbox: ['kernel', 'records', 'protocol', 'sdk'],
  cli: ['sdk', 'sandbox'],
};
const services = ['authority', 'consumer', 'broker', 'bureau'];
/** No I/O: clock, keys and randomness are arguments, and they run in a page too. */
const pure = ['kernel', 'records', 'ledger', 'protocol', 'policy', 'gate', 'aggregate'];
/** Library -> the only places that import it (types may be imported anywhere). */
const importers = {
  pg: [
    'packages/service/src/(database|migrations|queue-connections)',
    'packages/sandbox/src/(postgres|test-database)',
  ],
  'pg-copy-streams': ['services/bureau/src/store/'],
  bullmq: ['packages/service/src/queue'],
  ioredis: ['packages/service/src/queue'],
  'node-forge': [
    'services/authority/src/certificates/',
    'packages/sandbox/src/member-keys',
    'packages/sandbox/src/natives/',
  ],
  'libsodium-wrappers-sumo': ['packages/protocol/src/'],
  '@fastify/jwt': ['packages/service/src/'],
};

const TEST_FILE = '\\.test\\.ts$';
/** Tests, and what serves tests only: fixtures, test kits. */
const TEST = '(\\.(test|fixture)\\.ts$|/test-[^/]+(/|$))';
const testKit = ['packages/service/src/.+', 'packages/member/src/.+', 'services/[^/]+/src/.+'].join('|');
/** @param {readonly string[]} names */
const oneOf = (names) => `(${names.join('|')})`;

const packageRules = Object.entries(packages).map(([name, allowed]) => ({
  name: `${name}-imports`,
  comment: `${name} may import only: ${allowed.join(', ') || 'nothing of the workspace'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: TEST },
  to: { path: '^(packages|services)/', pathNot: `^packages/${oneOf([name, ...allowed])}/` },
}));

const serviceRules = services.map((name) => ({
  name: `${name}-imports`,
  comment: 'services meet over the wire only; the sandbox is for tests, ui for web/, cli for people',
  severity: 'error',
  from: { path: `^services/${name}/src/`, pathNot: TEST },
  to: { path: '^(services|packages/(cli|sandbox|ui))/', pathNot: `^services/${name}/` },
}));

/** What runs in a page knows its service by HTTP only. */
const pageRule = {
  name: 'pages-import',
  comment: 'the pages of a service may import only: records, ledger, protocol, sdk, ui',
  severity: 'error',
  from: { path: '^services/[^/]+/web/' },
  to: {
    path: '^(services/[^/]+/src|packages)/',
    pathNot: `^packages/${oneOf(['records', 'ledger', 'protocol', 'sdk', 'ui'])}/`,
  },
};

const importerRules = Object.entries(importers).map(([library, places]) => ({
  name: `one-importer-of-${library.replace('@', '').replace('/', '-')}`,
  comment: `use what ${places[0]} offers instead of ${library}`,
  severity: 'error',
  from: { path: '^(packages|services)/', pathNot: [TEST, ...places.map((place) => `^${place}`)] },
  to: { path: `(^|/)node_modules/${library}/`, dependencyTypesNot: ['type-only'] },
}));

module.exports = {
  forbidden: [
    ...packageRules,
    ...serviceRules,
    pageRule,
    ...importerRules,
    {
      name: 'tests-import',
      comment:
        'tests of a package import what it may import; the sandbox only in service, member and services',
      severity: 'error',
      from: { path: `^packages/.+${TEST}`, pathNot: `^(${testKit}|packages/(cli|sandbox)/)` },
      to: { path: '^(packages/(sandbox|cli)|services)/' },
    },
    {
      name: 'tests-of-services-import',
      comment: 'services never import each other, in tests neither',
      severity: 'error',
      from: { path: `^services/([^/]+)/.+${TEST}` },
      to: { path: '^(services/[^/]+|packages/cli)/', pathNot: '^services/$1/' },
    },
    {
      name: 'tests-are-leaves',
      comment: 'a test file is imported by nobody',
      severity: 'error',
      from: {},
      to: { path: TEST_FILE },
    },
    {
      name: 'fixtures-serve-tests',
      comment: 'what is made for tests is not used in production',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: TEST },
      to: { path: `^(packages|services)/.+${TEST}` },
    },
    {
      name: 'pure-packages-do-no-io',
      comment: 'take a clock, a key or bytes as an argument; crypto sits behind #crypto',
      severity: 'error',
      from: {
        path: `^packages/${oneOf(pure)}/src/`,
        pathNot: [
          TEST,
          '^packages/((protocol|ledger)/src/crypto-node|kernel/src/system|policy/src/digest)\\.ts$',
        ],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycle',
      comment: 'two files that need each other are one file, or a third is missing',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'the file or package does not exist',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(vitest|dependency-cruiser)' },
    },
    {
      name: 'declared',
      comment: 'name the package in the package.json of the importer',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: TEST },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'tests-use-test-libraries',
      comment: 'a development dependency does not run in production',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: TEST },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only', 'npm', 'npm-optional', 'npm-peer'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules/\\.|\\.causeway|coverage|dist)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'],
    },
    skipAnalysisNotInRules: true,
  },
};
