import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { encodeBase64url } from '@causeway/protocol';
import { generateBlindKey } from '@causeway/protocol/blind-reference';
import type { Federation } from '@causeway/sandbox/federation';
import { islandFiles } from '@causeway/sandbox/files/island-files';
import { debtsOf } from '@causeway/sandbox/files/story-accounts';
import { sandboxSubject, sandboxSubjects } from '@causeway/sandbox/people/persons';
import { rekey } from '@causeway/sandbox/rotation/epochs';
import { accessesOf } from '@causeway/sandbox/story/accesses-of';
import { agree, agreeAs, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { mappingText, publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type Lender, freezeNonce, sessionNonce, thawNonce } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryDatabase, rowCounts } from './rows.ts';

const terms = usualTerms(['central', 'lotus', 'harbour'], 100);
const liNa = sandboxSubject('li-na');
/** Nobody has derived a reference of these yet. */
const [stranger, other] = [sandboxSubject('person-100'), sandboxSubject('person-101')];

let federation: Federation;
let lender: Lender;

beforeAll(async () => {
  federation = await startTestFederation();
  lender = federation.lender('abc-bank');
});
afterAll(() => stopTestFederation(federation));

const newId = (): string => uuidv7(systemClock, systemRandom);
const codeOf = async (act: () => Promise<unknown>): Promise<string> => {
  try {
    await act();
    return 'done';
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
};
/** A reference in an epoch, as soon as the lender's client has the directory that publishes it. */
async function refIn(epoch: string): Promise<string> {
  let ref = '';
  await expect
    .poll(
      () =>
        codeOf(async () => {
          [ref = ''] = await lender.subjectRefs([liNa.identifier], epoch);
        }),
      { timeout: 30_000 },
    )
    .toBe('done');
  return ref;
}

describe('a re-key of subject references', () => {
  let old: Awaited<ReturnType<typeof agree>>;
  let young: Awaited<ReturnType<typeof agree>>;

  test('while two epochs overlap inquiries under either are answered, with the same records', async () => {
    await publishIslands(federation, () => undefined);
    old = await agree(federation, lender, liNa, terms);
    const before = await inquireUnder(lender, old, terms);
    const published = await rekey(federation, 'new-epoch');
    expect(published).toMatchObject({ current: '1', epochs: [{ epoch: '1' }, { epoch: '2' }] });
    const subjectRef = await refIn('2');
    expect(subjectRef).not.toBe(old.subjectRef);
    expect(await refIn('1')).toBe(old.subjectRef);
    // The same files again: what a bureau does when an epoch begins.
    await expect
      .poll(
        async () => {
          await publishIslands(federation, () => undefined);
          return (await storedEpochs()).map((epochs) => epochs.join());
        },
        { timeout: 60_000, interval: 1000 },
      )
      .toEqual(['1,2', '1,2', '1,2']);
    young = await agreeAs(federation, lender, { ...liNa, subjectRef }, terms);
    const both = [await inquireUnder(lender, old, terms), await inquireUnder(lender, young, terms)];
    for (const { report } of both) {
      expect(report.claims.manifest.map(({ outcome }) => outcome)).toEqual([
        'answered',
        'answered',
        'answered',
      ]);
      expect(report.claims.exposure).toEqual(before.report.claims.exposure);
    }
  });

  test('the person has one history, and one freeze stops both', async () => {
    const consents = new Set((await accessesOf(federation, liNa)).map(({ outcome }) => outcome));
    expect(consents).toEqual(new Set(['granted']));
    expect(await accessesOf(federation, liNa)).toHaveLength(3);
    const subject = federation.subject();
    const { id } = await subject.freeze(await federation.idToken(liNa, freezeNonce(newId())));
    for (const agreed of [old, young])
      expect(await codeOf(() => inquireUnder(lender, agreed, terms))).toBe('subject_frozen');
    await subject.thaw(id, await federation.idToken(liNa, thawNonce(id)));
    for (const agreed of [old, young])
      expect(await codeOf(() => inquireUnder(lender, agreed, terms))).toBe('done');
  });

  test('the new one in use, then alone: everybody derives in it, and nobody in the old one', async () => {
    await rekey(federation, 'use-epoch', '2');
    await expect
      .poll(async () => (await lender.subjectRefs([liNa.identifier]))[0], { timeout: 30_000 })
      .toBe(young.subjectRef);
    await rekey(federation, 'drop-epoch', '1');
    await expect
      .poll(() => codeOf(() => lender.subjectRefs([liNa.identifier], '1')), { timeout: 30_000 })
      .toBe('not_ready');
    expect(await codeOf(() => inquireUnder(lender, young, terms))).toBe('done');
    expect(await accessesOf(federation, liNa)).toHaveLength(8);
  });
});

/** The epochs under whose references each bureau holds records. */
async function storedEpochs(): Promise<string[][]> {
  const epochs = "SELECT DISTINCT split_part(subject_ref, '.', 2) AS epoch FROM record ORDER BY 1";
  const rows = terms.bureaus.map((bureau) => queryDatabase<{ epoch: string }>(federation, bureau, epochs));
  return (await Promise.all(rows)).map((each) => each.map(({ epoch }) => epoch));
}

describe('an authority that evaluates under another key than its directory says', () => {
  const keyFile = (): string => join(federation.ceremony.authorityDir, 'blind-evaluator/oprf-2.key');
  const restart = async (key: string): Promise<void> => {
    writeFileSync(keyFile(), key);
    await federation.process('authority').stop();
    await federation.process('authority').start();
  };
  const logOf = (member: string): string => readFileSync(federation.process(member).logFile, 'utf8');
  const signIn = async (subject = stranger): Promise<string> => {
    const token = await federation.idToken(subject, sessionNonce(newId()));
    return await federation.subject().openSession(token);
  };
  const publishNew = async (): Promise<unknown> => {
    const publisher = federation.publisher('lotus');
    const mapping = await publisher.mapping(await mappingText('lotus'));
    const file = islandFiles(debtsOf(sandboxSubjects())).find(({ bureau }) => bureau === 'lotus');
    const firstLines = `${file?.text.split('\n').slice(0, 3).join('\n')}\n`;
    return await publisher.file(mapping, 'text/tab-separated-values', new TextEncoder().encode(firstLines));
  };
  let honest: string;
  beforeAll(() => {
    honest = readFileSync(keyFile(), 'utf8');
  });

  test('no reference leaves a lender, a sign-in or a publication; both services raise an alarm', async () => {
    const before = await Promise.all(['consumer', 'lotus'].map((member) => rowCounts(federation, member)));
    await restart(encodeBase64url(generateBlindKey(systemRandom)));
    expect(await codeOf(() => lender.subjectRefs([other.identifier]))).toBe('unavailable');
    expect(await codeOf(() => signIn())).toBe('unavailable');
    expect(await codeOf(publishNew)).toBe('unavailable');
    const after = await Promise.all(['consumer', 'lotus'].map((member) => rowCounts(federation, member)));
    // The file waits, with its signed statement and none of its records.
    const [consumer, lotus] = before;
    const more = (table: string): number => (lotus?.[table] ?? 0) + 1;
    expect(after).toEqual([consumer, { ...lotus, batch: more('batch'), leaves: more('leaves') }]);
    for (const member of ['consumer', 'lotus'])
      expect(logOf(member)).toContain('"event":"canary_mismatch","alarm":true');
  });

  test('whoever has a reference already works on', async () => {
    const agreed = await agreeAs(
      federation,
      lender,
      { ...liNa, subjectRef: (await stored())[0] ?? '' },
      terms,
    );
    expect(await codeOf(() => inquireUnder(lender, agreed, terms))).toBe('done');
  });

  test('who was stopped stays so, with the right key too, until the process starts anew', async () => {
    await restart(honest);
    expect(await codeOf(() => signIn())).toBe('unavailable');
    for (const member of ['consumer', 'lotus']) {
      await federation.process(member).stop();
      await federation.process(member).start();
    }
    await expect.poll(() => codeOf(() => signIn()), { timeout: 30_000 }).toBe('done');
    expect(await codeOf(publishNew)).toBe('done');
    expect(await codeOf(() => lender.subjectRefs([other.identifier]))).toBe('done');
  });

  /** References of the epoch in use that were derived before. */
  const stored = async (): Promise<string[]> => {
    const consents = "SELECT subject_ref FROM consent WHERE subject_ref LIKE 's1.2.%' LIMIT 1";
    const rows = await queryDatabase<{ subject_ref: string }>(federation, 'consumer', consents);
    return rows.map(({ subject_ref }) => subject_ref);
  };
});
