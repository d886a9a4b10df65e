import type { Server } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as ledgerCrypto from '@causeway/ledger/crypto-node';
import { unhex } from '@causeway/ledger/tree.fixture';
import * as protocolCrypto from '@causeway/protocol/crypto-node';
import * as nodeVerifier from '@causeway/sdk/page';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageBundle } from '../../scripts/page-bundle.ts';
import { answersOf, type Answer, type Answers } from './answers.ts';
import { asked, edges, historyStates, proofCases, publishedVectors, turnedBits } from './cases.ts';
import { servePage } from './page-server.ts';
import { Tab } from './tab.ts';

const ROOT = join(import.meta.dirname, '../..');
const html = '<!doctype html><title>verifier</title><script type="module" src="main.js"></script>';
const main = `
import * as verifier from './verifier.js';
import { answersOf } from './answers.js';
const violations = [];
addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  violations.push(effectiveDirective + ' ' + blockedURI);
});
export const answers = (asked) => answersOf(verifier, asked);
export { violations };
`;

const inNode = answersOf(nodeVerifier, asked);
let script: string;
let server: Server | undefined;
let opened: Tab | undefined;
let inPage: Answers;
let violations: string[];
/** What the tab had asked for when it was loaded, and when everything was answered. */
let requested: { loaded: string[]; answered: string[] };

beforeAll(async () => {
  script = await pageBundle(join(ROOT, 'packages/sdk/src/page.ts'));
  const answersScript = await pageBundle(join(import.meta.dirname, 'answers.ts'));
  const files = { 'index.html': html, 'main.js': main, 'verifier.js': script, 'answers.js': answersScript };
  const served = await servePage(new Map(Object.entries(files)));
  server = served.server;
  const tab = await Tab.start();
  opened = tab;
  await tab.open(served.url);
  await tab.evaluate(`import('/main.js').then(() => null)`);
  const loaded = tab.requested();
  const question = `import('/main.js').then(({ answers }) => answers(${JSON.stringify(asked)}))`;
  inPage = (await tab.evaluate(question)) as Answers;
  requested = { loaded, answered: tab.requested() };
  violations = (await tab.evaluate(`import('/main.js').then((page) => page.violations)`)) as string[];
});
afterAll(async () => {
  await opened?.close();
  server?.close();
});

describe('the page finds what the node finds', () => {
  test.each(publishedVectors().map((vector, at) => ({ ...vector, at })))(
    '$name: $comment',
    ({ at, expected }) => {
      expect(inNode.vectors[at]).toEqual(expected);
      expect(inPage.vectors[at]).toEqual(expected);
    },
  );

  test('of everything that was asked, to the last letter', () => {
    expect(inPage).toEqual(JSON.parse(JSON.stringify(inNode)));
  });
});

test('S18 signatures at which implementations differ have the node’s verdict in the page', () => {
  const only = 'mixed key and R, the cofactorless equation holds';
  const verdicts = edges.map(({ comment, message, publicKey, signature }) => {
    const [key, bytes, signed] = [unhex(publicKey), unhex(message), unhex(signature)];
    const latin1 = Buffer.from(bytes).toString('latin1');
    return {
      ledger: ledgerCrypto.ed25519Verify(key, bytes, signed),
      protocol: protocolCrypto.ed25519Verify(protocolCrypto.ed25519Public(key), latin1, signed),
      comment,
    };
  });
  expect(inPage.edges.map((verdict, at) => ({ ...verdict, comment: edges[at]?.comment }))).toEqual(verdicts);
  for (const { comment, ledger } of verdicts) expect(ledger).toBe(comment === only);
});

describe('a proof file in the page, from the anchor down', () => {
  test.each(proofCases.map(([title, , expected], at) => ({ title, expected, at })))(
    '$title: $expected',
    ({ at, expected }) => {
      expect(codeOf(inPage.proofs[at])).toBe(expected);
    },
  );

  test('shows the leaf, its place and who has seen it when', () => {
    expect(inPage.proofs[0]).toMatchObject({
      shown: {
        ...{ ledger: 'consumer', index: 77, size: 300, witnessed: true },
        witnesses: [
          { member: 'broker', at: '2026-09-21T14:13:20.000Z' },
          { member: 'central', at: '2026-09-21T14:13:21.000Z' },
        ],
      },
    });
  });

  test('S53 any bit turned is refused as in node, or loses the witness whose name was turned', () => {
    const [page, node] = [inPage, inNode].map(({ proofs }) => proofs.slice(-turnedBits.length));
    const codes = page?.map(codeOf) ?? [];
    expect(codes).toEqual(node?.map(codeOf));
    const refusals = ['malformed', 'origin_unexpected', 'proof_invalid', 'signature_invalid'];
    expect(new Set(codes)).toEqual(new Set([...refusals, 'signature_missing', 'shown']));
    const still = page?.filter((answer) => 'shown' in answer) ?? [];
    for (const answer of still) expect(answer).toMatchObject({ shown: { witnessed: false } });
  });
});

describe('a history in the page', () => {
  test('is judged line by line, with the proofs at hand', () => {
    const [answer] = inPage.histories;
    const lines = answer && 'shown' in answer ? (answer.shown as { state: string }[]) : [];
    expect(lines.map(({ state }) => state)).toEqual(historyStates);
    expect(lines).toMatchObject([{}, { code: 'proof_invalid' }, {}, {}, {}, { code: 'member_unknown' }]);
  });

  test('S32 is nobody’s under another anchor', () => {
    expect(inPage.histories[1]).toEqual({ refused: 'anchor_mismatch' });
  });
});

describe('the page', () => {
  test('asks for nothing while it verifies', () => {
    expect(requested.loaded.map((url) => new URL(url).pathname)).toEqual(
      expect.arrayContaining(['/', '/main.js', '/verifier.js', '/answers.js']),
    );
    expect(requested.answered).toEqual(requested.loaded);
  });

  test('runs under a strict content security policy, where generated code is refused and not needed', () => {
    // The schema library tries once whether it may compile, and checks as well where it may not.
    expect(violations).toEqual(['require-trusted-types-for trusted-types-sink']);
  });

  test('gets nothing that needs node: such a bundle is not made', async () => {
    const withNode = join(ROOT, 'packages/sdk/src/publisher.ts');
    await expect(pageBundle(withNode)).rejects.toThrow(/node:/u);
  });

  test('needs one script of at most 80 kB over the wire', () => {
    const bytes = gzipSync(script).length;
    process.stdout.write(`verifier: ${script.length} bytes, ${bytes} gzipped\n`);
    expect(bytes).toBeLessThan(80_000);
    expect(script).not.toMatch(/node:|require\(|sodium/u);
  });
});

const codeOf = (answer: Answer | undefined): string =>
  answer && 'refused' in answer ? answer.refused : 'shown';
