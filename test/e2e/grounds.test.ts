import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { type Digest, digestOf, kidOf, sha256Digest } from '@causeway/protocol';
import type { Category, Purpose } from '@causeway/records';
import type { Federation } from '@causeway/sandbox/federation';
import { islandFiles } from '@causeway/sandbox/files/island-files';
import { debtsOf } from '@causeway/sandbox/files/story-accounts';
import { issueWarrant } from '@causeway/sandbox/officer-acts';
import { sandboxSubject, type SandboxSubject } from '@causeway/sandbox/people/persons';
import { accessesOf } from '@causeway/sandbox/story/accesses-of';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { mappingText, publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type AnsweredInquiry, freezeNonce, type Lender, thawNonce } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publicHalf } from './applicant.ts';
import { claimsOf, redeemAsBroker } from './federation-call.ts';
import { signRaw } from './raw-statement.ts';
import { queryDatabase } from './rows.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let lender: Lender;
/** Li Na's consent to ABC Bank for a loan, and what was asked under it. */
let agreed: Agreed;
let earlier: AnsweredInquiry;
const liNa = sandboxSubject('li-na');
const bureaus = ['central', 'lotus', 'harbour'];
const categories: Category[] = ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL'];

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  await publishLoanOfAbcBank();
  lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, liNa, usualTerms(bureaus, 2));
  earlier = await inquireUnder(lender, agreed, usualTerms(bureaus, 2));
});
afterAll(() => stopTestFederation(federation));

/** ABC Bank has lent to Li Na and reports it to the registry, among others' accounts. */
async function publishLoanOfAbcBank(): Promise<void> {
  const [debt] = debtsOf([liNa]);
  if (!debt) throw new RangeError('Li Na has no debts');
  const own = { ...debt, lender: 'abc-bank', contract: 'ABC-1', bureaus: ['central' as const] };
  const file = islandFiles([own]).find(({ bureau }) => bureau === 'central');
  const publisher = federation.publisher('central');
  const mapping = await publisher.mapping(await mappingText('central'));
  const published = await publisher.file(mapping, 'text/csv', new TextEncoder().encode(file?.text));
  if (published.rejected > 0) throw new Error('the registry rejected its own file');
}

interface Asked {
  by?: string;
  purpose: Purpose;
  cited: Digest;
  subjectRef?: string;
}

function question({ cited, purpose, subjectRef = agreed.subjectRef }: Asked) {
  return { subjectRef, cited, purpose, categories, operator: 'op-1' };
}

const outcomesOf = ({ report }: AnsweredInquiry) =>
  Object.fromEntries(
    report.claims.manifest.map(({ bureau, outcome, code }) => [bureau, [outcome, code].join(' ').trim()]),
  );

/** Lenders of the accounts that a bureau disclosed. */
const lendersAt = ({ disclosures }: AnsweredInquiry, bureau: string): Set<unknown> => {
  const { records = [] } = disclosures.find(({ claims }) => claims.iss === bureau)?.claims ?? {};
  return new Set(records.map((record) => ('lender_ref' in record ? record.lender_ref : 'none')));
};

const usesOf = async (): Promise<number> => {
  const text = 'SELECT use FROM consent_use WHERE consent = $1';
  return (await queryDatabase(federation, 'consumer', text, [agreed.digest])).length;
};

const lineOf = async (who: SandboxSubject = liNa): Promise<string> => {
  const [line] = await accessesOf(federation, who);
  return [line?.lender, line?.purpose, line?.outcome, line?.code].join(' ').trim();
};

describe('a lender without a consent for it', () => {
  test('sees after the loan what lies where it has an open account, and nothing elsewhere', async () => {
    const before = await usesOf();
    const seen = await lender.inquire(question({ purpose: 'POST_LOAN', cited: earlier.digest }));
    expect(outcomesOf(seen)).toEqual({
      central: 'answered',
      ...{ harbour: 'refused not_authorised', lotus: 'refused not_authorised' },
    });
    expect(lendersAt(seen, 'central').size).toBeGreaterThan(1);
    expect(lendersAt(seen, 'central')).toContain('abc-bank');
    expect(seen.report.claims).not.toHaveProperty('consent');
    expect(await usesOf(), 'no use of the consent is spent').toBe(before);
    expect(await lineOf()).toBe('abc-bank POST_LOAN granted');
  });

  test("sees for a collection its own accounts and nobody else's", async () => {
    const seen = await lender.inquire(question({ purpose: 'COLLECTION', cited: earlier.digest }));
    expect(outcomesOf(seen)['central']).toBe('answered');
    expect(lendersAt(seen, 'central')).toEqual(new Set(['abc-bank']));
    expect(await lineOf()).toBe('abc-bank COLLECTION granted');
  });

  test('S16 sees nothing while the subject has frozen all access', async () => {
    const subject = federation.subject();
    const { id } = await subject.freeze(await federation.idToken(liNa, freezeNonce(earlier.id)));
    const asked = lender.inquire(question({ purpose: 'POST_LOAN', cited: earlier.digest }));
    await expect(asked).rejects.toMatchObject({ code: 'subject_frozen' });
    await subject.thaw(id, await federation.idToken(liNa, thawNonce(id)));
  });
});

describe('what is no ground', () => {
  const nothing = sha256Digest('nobody has asked this');

  test.each<Purpose>(['POST_LOAN', 'COLLECTION'])(
    "S16 %s citing anything but this lender's own consented inquiry on this subject is as nothing",
    async (purpose) => {
      const other = federation.lender('evergreen');
      const theirs = await agree(federation, other, liNa, usualTerms(bureaus, 2));
      const answered = await inquireUnder(other, theirs, usualTerms(bureaus, 2));
      const wang = sandboxSubject('wang-thin');
      const [onWang = ''] = await lender.subjectRefs([wang.identifier]);
      const withoutConsent = await lender.inquire(question({ purpose: 'POST_LOAN', cited: earlier.digest }));
      const cases: Record<string, Asked> = {
        'what nobody has asked': { purpose, cited: nothing },
        'its own consent instead of an inquiry': { purpose, cited: agreed.digest },
        "another member's consent": { purpose, cited: theirs.digest },
        "another member's inquiry": { purpose, cited: answered.digest },
        'its inquiry on another subject': { purpose, cited: earlier.digest, subjectRef: onWang },
        'an inquiry that was without consent itself': { purpose, cited: withoutConsent.digest },
      };
      const shapes = new Map<string, string>();
      for (const [what, asked] of Object.entries(cases)) shapes.set(what, await refusedAsked(asked));
      expect(Object.fromEntries(shapes)).toEqual(
        Object.fromEntries(Object.keys(cases).map((what) => [what, shapes.get('what nobody has asked')])),
      );
      expect(shapes.get('what nobody has asked')).toMatch(/not_authorised/u);
      expect(await lineOf(wang)).toBe(`abc-bank ${purpose} refused not_authorised`);
    },
  );

  test.each<Purpose>(['OWN_ENQUIRY', 'DISPUTE', 'JUDICIAL', 'SUPERVISION'])(
    'S16 %s is no purpose of a lender, whatever it cites, and the history says so',
    async (purpose) => {
      const inquiry = await lender.sign(question({ purpose, cited: earlier.digest }));
      const elsewhere = { central: {}, lotus: {}, harbour: {} };
      await refusedWriting(federation, elsewhere, async () => {
        await expect(lender.submit(inquiry)).rejects.toMatchObject({ code: 'role_not_permitted' });
        const line = `abc-bank ${purpose} refused role_not_permitted`;
        await expect.poll(() => lineOf(), { timeout: 20_000, interval: 1100 }).toBe(line);
      });
    },
  );

  /** The refusal at redemption, without what is fresh in each. */
  async function refusedAsked(asked: Asked): Promise<string> {
    const { jws } = await lender.sign(question(asked));
    const besides = { ...NOBODY, consumer: { refusal: 1, access: 1, leaves: 1 } };
    const { result } = await refusedWriting(federation, besides, () => redeemAsBroker(federation, jws));
    const { jti: _, iat: _i, exp: _e, salt: _s, inquiry: _q, ...rest } = claimsOf(String(result.refusal));
    return JSON.stringify([result.code, rest]);
  }
});

describe('a warrant', () => {
  const zhou = sandboxSubject('zhou-late');
  const terms = async (subject = zhou) => {
    const [subject_ref = ''] = await lender.subjectRefs([subject.identifier]);
    const now = Math.floor(Date.now() / 1000);
    return {
      ...{ purpose: 'JUDICIAL' as const, subject_ref, categories, bureaus: ['central'] },
      ...{ paper: sha256Digest('the paper'), valid_from: now - 10, valid_until: now + 600 },
    };
  };

  test('of two officers opens what it names, without consent; the subject finds it on its day', async () => {
    const authority = federation.lender('authority');
    const { inquiry, warrant } = await issueWarrant(
      federation.url('authority'),
      federation.ceremony,
      await terms(),
    );
    expect(claimsOf(inquiry)['basis']).toEqual({ code: 'JUDICIAL', cited: warrant });
    const signed = signedFrom(inquiry);
    await authority.submit(signed);
    await expect
      .poll(async () => (await authority.status(signed.id)).state, { timeout: 30_000 })
      .toBe('complete');
    const answered = await authority.report(signed);
    expect(outcomesOf(answered)).toEqual({ central: 'answered' });
    expect(lendersAt(answered, 'central').size).toBeGreaterThan(0);
    const shown = (await accessesOf(federation, zhou)).map(({ purpose }) => purpose);
    expect(shown).not.toContain('JUDICIAL');
  });

  test('S16 opens nothing for an inquiry that says anything else than it', async () => {
    const { inquiry } = await issueWarrant(federation.url('authority'), federation.ceremony, {
      ...(await terms(sandboxSubject('big-file'))),
      categories: ['ACCOUNT_SUMMARY'],
    });
    const key = federation.keys('authority').statement;
    const header = {
      ...{ typ: 'causeway-inquiry+jws', alg: 'Ed25519' },
      kid: kidOf('authority', publicHalf(key)),
    };
    const { basis, ...rest } = claimsOf(inquiry);
    const { cited } = basis as { cited: Digest };
    const changes = {
      'a category more': { categories },
      'another category': { categories: ['ACCOUNT_DETAIL'] },
      'another subject': { subject_ref: agreed.subjectRef },
      'another purpose': { purpose: 'SUPERVISION', basis: { code: 'SUPERVISION', cited } },
      'another warrant': { basis: { code: 'JUDICIAL', cited: sha256Digest('no warrant') } },
    };
    const codes: Record<string, unknown> = {};
    for (const [what, change] of Object.entries(changes)) {
      const jti = uuidv7(systemClock, systemRandom);
      const jws = signRaw({ header, claims: { ...rest, basis, jti, ...change } }, key);
      const besides = { ...NOBODY, consumer: { refusal: 1, access: 1, leaves: 1 } };
      const { result } = await refusedWriting(federation, besides, () => redeemAsBroker(federation, jws));
      codes[what] = result.code;
    }
    expect(codes).toEqual(Object.fromEntries(Object.keys(changes).map((what) => [what, 'not_authorised'])));
  });

  function signedFrom(jws: string) {
    return { id: String(claimsOf(jws)['jti']), jws, digest: digestOf(jws) };
  }
});
