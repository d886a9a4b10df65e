import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { flipped } from '@causeway/ledger/tree.fixture';
import { verifyProof, openKeptDirectory } from '@causeway/sdk/page';
import { checkpointOf, leafAt } from '@causeway/sdk/ledgers.fixture';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { proofSentences } from '../../packages/cli/src/views/proof-view.ts';
import { texts } from '../../packages/proof-page/src/texts.ts';
import { proofPage } from '../../scripts/proof-page.ts';
import { anchor, bytes, directory, tree } from './cases.ts';
import { servePage } from './page-server.ts';
import { Tab } from './tab.ts';

const folder = mkdtempSync(join(tmpdir(), 'proof-page-'));
const leaf = leafAt(77);
const fileOf = (of: string): string => `${of.slice('sha-256:'.length)}.tlog-proof`;
let server: Server | undefined;
let started: Tab | undefined;
let tab: Tab;
let url: string;

beforeAll(async () => {
  const files = await proofPage();
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const served = await servePage(files);
  ({ server, url } = served);
  started = tab = await Tab.start();
  await tab.resize(360, 740);
});
afterAll(async () => {
  await started?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The page as one finds it who was never there. */
beforeEach(async () => {
  await tab.open(url);
  await tab.evaluate('localStorage.clear()');
  await tab.open(url);
});

/** Waits for a condition in the page. */
async function until(condition: string): Promise<void> {
  await tab.evaluate(
    `new Promise((done) => { const look = () => (${condition} ? done() : setTimeout(look, 5)); look(); })`,
  );
}

async function fill(id: string, value: string): Promise<void> {
  await tab.evaluate(`document.getElementById('${id}').value = ${JSON.stringify(value)}`);
}

async function choose(id: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(folder, name);
  writeFileSync(path, content);
  await tab.chooseFile(id, path);
}

/** What is read after an act: the verdict and the sentences. */
async function readAfter(act: () => Promise<void>): Promise<string[]> {
  await tab.evaluate(`document.getElementById('verdict').textContent = ''`);
  await act();
  await until(`document.getElementById('verdict').textContent !== ''`);
  const lines = `[...document.querySelectorAll('#verdict, #sentences li')].map((each) => each.textContent)`;
  return (await tab.evaluate(lines)) as string[];
}

const give = async (proof: Uint8Array = bytes, of: string = leaf, kept = directory): Promise<string[]> =>
  await readAfter(async () => {
    await fill('anchor', anchor);
    await choose('directory', 'directory.json', kept);
    await until(`document.getElementById('directory').files.length === 1`);
    await choose('proof', fileOf(of), proof);
  });
const press = async (): Promise<void> => {
  await tab.evaluate(`document.getElementById('check').click()`);
};

describe('a person who chooses a proof file', () => {
  test('reads three sentences, in the words of the command line', async () => {
    const proven = verifyProof({ proof: bytes, leaf }, openKeptDirectory(directory, anchor));
    const first = { ledger: 'consumer', against: 'first', seen: null, size: 300 } as const;
    const said = proofSentences(proven, first).map((each) => each.replace('this machine', 'this browser'));
    expect(await give()).toEqual(['The proof holds', ...said]);
  });

  test('reads it in Chinese too, and is asked for fingerprint and directory once', async () => {
    await give();
    const chinese = await readAfter(async () => {
      await tab.evaluate(`document.getElementById('language').click()`);
    });
    expect(chinese[0]).toBe('证明成立');
    expect(chinese[1]).toBe(`条目 ${leaf} 是 consumer 账本 300 条中的第 78 条。`);
    await tab.open(url);
    expect(await tab.evaluate(`document.documentElement.lang`)).toBe('zh-CN');
    const again = await readAfter(() => choose('proof', fileOf(leaf), bytes));
    expect(again[3]).toBe('与本浏览器上次所见相比：consumer 的账本没有变化，共 300 条。');
  });

  test('asks for nothing while it checks, and has all it needs on a disk', async () => {
    const before = tab.requested();
    await give();
    expect(tab.requested()).toEqual(before);
    await tab.open(pathToFileURL(join(folder, 'index.html')).href);
    expect((await give())[0]).toBe('The proof holds');
  });
});

describe('is told why nothing is proven', () => {
  test('by a file with one bit turned', async () => {
    const [verdict, reason] = await give(flipped(bytes, 8 * 120));
    expect(verdict).toBe('Not proven');
    expect(reason).toMatch(/^.+ \((malformed|proof_invalid)\)$/u);
    expect(await tab.evaluate('localStorage.length')).toBe(0);
  });

  test('by the proof of somebody else’s leaf', async () => {
    expect(await give(bytes, leafAt(78))).toEqual([
      'Not proven',
      'The leaf is not in this tree: the proof is of something else, or was changed. (proof_invalid)',
    ]);
  });

  test('under a directory that was changed, whoever hands it out', async () => {
    const [verdict, reason] = await give(bytes, leaf, directory.replace('consumer Ltd', 'consumer Ltb'));
    expect([verdict, reason]).toEqual(['Not proven', expect.stringContaining('(directory_invalid)')]);
  });

  test('where something is missing', async () => {
    const [verdict, reason] = await readAfter(press);
    expect([verdict, reason]).toEqual(['Not proven', expect.stringContaining('(incomplete)')]);
  });

  test('by a ledger that shows another history than this browser saw', async () => {
    const { frontier } = tree;
    const peaks = frontier.peaks.map((peak) => flipped(peak, 3));
    const other = checkpointOf('consumer', { ...tree, frontier: { ...frontier, peaks } });
    const name = `causeway/seen/${anchor}/causeway/test-fed/consumer`;
    await tab.evaluate(`localStorage.setItem(${JSON.stringify(name)}, ${JSON.stringify(other)})`);
    expect((await give())[1]).toContain('(another_history)');
  });
});

describe('the page', () => {
  test('is 360 pixels wide in both languages, with a result too', async () => {
    const width = `document.documentElement.scrollWidth`;
    expect(await tab.evaluate(width)).toBe(360);
    await give();
    expect(await tab.evaluate(width)).toBe(360);
    await tab.evaluate(`document.getElementById('language').click()`);
    expect(await tab.evaluate(width)).toBe(360);
  });

  test('is used with the keyboard alone, each control labelled', async () => {
    const order: unknown[] = [];
    for (let n = 0; n < 7; n += 1) {
      await tab.press('Tab');
      order.push(await tab.evaluate('document.activeElement.id'));
    }
    expect(order).toEqual(['language', 'anchor', 'directory', 'proof', 'leaf', 'ledger', 'check']);
    const inputs = `[...document.querySelectorAll('input')]`;
    expect(await tab.evaluate(`${inputs}.every(({ labels }) => labels[0]?.textContent !== '')`)).toBe(true);
    const read = await readAfter(async () => {
      await tab.press('Enter');
    });
    expect(read[0]).toBe('Not proven');
  });

  test('says the same in both languages: what is filled in is filled in both', () => {
    const places = (text: unknown): string[] => (JSON.stringify(text).match(/\{\w+\}/gu) ?? []).toSorted();
    const { en, 'zh-CN': zh } = texts;
    for (const [name, text] of Object.entries(en)) {
      expect([name, ...places(Reflect.get(zh, name))]).toEqual([name, ...places(text)]);
    }
    expect(Object.keys(zh.reasons)).toEqual(Object.keys(en.reasons));
  });
});
