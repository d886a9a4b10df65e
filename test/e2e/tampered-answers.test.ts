import { type PrivateJwk, kidOf } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { CausewayError, type Lender, type SignedInquiry, approvalNonce } from '@causeway/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf } from './federation-call.ts';
import { signTexts } from './raw-statement.ts';
import { type Tamper, TamperingProxy } from './tampering-proxy.ts';

/** A report as it crosses the wire. */
interface Delivered {
  report: string;
  disclosures: string[];
}

/** A finished inquiry, and its report as the broker sends it. */
type Finished = SignedInquiry & { delivered: Delivered };

let federation: Federation;
let proxy: TamperingProxy;
let lender: Lender;
/** Two finished inquiries on one person under one consent, and one on somebody else. */
let mine: Finished;
let twin: Finished;
let stranger: Finished;
let agreed: Agreed;
const terms = () => usualTerms(federation.card.bureaus, 50);

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, sandboxSubject('li-na'), terms());
  const late = await agree(federation, lender, sandboxSubject('zhou-late'), terms());
  const [one, two] = [
    await inquireUnder(lender, agreed, terms()),
    await inquireUnder(lender, agreed, terms()),
  ];
  const three = await inquireUnder(lender, late, terms());
  proxy = await TamperingProxy.before(federation, 'broker');
  mine = { ...one, delivered: await overheard(one) };
  twin = { ...two, delivered: await overheard(two) };
  stranger = { ...three, delivered: await overheard(three) };
});
afterEach(() => {
  proxy.tamper = ({ text }) => ({ text });
});
afterAll(async () => {
  await proxy.stop();
  await stopTestFederation(federation);
});

/** What the proxy sees of an inquiry's report; the SDK accepts it as it is. */
async function overheard(inquiry: SignedInquiry): Promise<Delivered> {
  let heard = '{}';
  proxy.tamper = ({ path, text }) => {
    if (path.endsWith('/report')) heard = text;
    return { text };
  };
  await lender.report(inquiry);
  return JSON.parse(heard) as Delivered;
}

/** Puts something else in the place of every report; what else passes is left alone. */
const reports =
  (change: (delivered: Delivered) => unknown): Tamper =>
  ({ path, status, text }) => {
    if (status !== 200 || !/\/report$|\/inquiries$/.test(path)) return { text };
    return { text: JSON.stringify(change(JSON.parse(text) as Delivered)) };
  };

/** The code with which the SDK refuses what comes through the proxy; it hands nothing out. */
async function refusal(
  tamper: Tamper,
  fetch: () => Promise<unknown> = () => lender.report(mine),
): Promise<string> {
  proxy.tamper = tamper;
  return fetch().then(
    () => 'passed',
    (error: unknown) => (error instanceof CausewayError ? error.code : 'failed'),
  );
}

/** One character of the statement's part changed for another of the alphabet. */
function altered(jws: string, part: 0 | 1 | 2, at: number): string {
  const parts = jws.split('.');
  const text = parts[part] ?? '';
  const changed = text[at] === 'A' ? 'B' : 'A';
  parts[part] = text.slice(0, at) + changed + text.slice(at + 1);
  return parts.join('.');
}

const ofBureau = (disclosures: string[], bureau: string): string =>
  disclosures.find((jws) => claimsOf(jws)['iss'] === bureau) ?? '';

const replaced = (delivered: Delivered, bureau: string, by: string): Delivered => ({
  ...delivered,
  disclosures: delivered.disclosures.map((jws) => (claimsOf(jws)['iss'] === bureau ? by : jws)),
});

test('what the proxy leaves alone is accepted, by either way of asking', async () => {
  expect(await refusal(({ text }) => ({ text }))).toBe('passed');
  expect(
    await refusal(
      ({ text }) => ({ text }),
      () => inquireUnder(lender, agreed, terms()),
    ),
  ).toBe('passed');
});

describe('swapped answers', () => {
  test.each<[string, () => unknown]>([
    ['the report of another inquiry on the same person', () => twin.delivered],
    ['the report of an inquiry on somebody else', () => stranger.delivered],
    ['the report alone of another inquiry', () => ({ ...mine.delivered, report: twin.delivered.report })],
    [
      'the disclosures of another inquiry',
      () => ({ ...mine.delivered, disclosures: twin.delivered.disclosures }),
    ],
    [
      'one disclosure of another inquiry',
      () => replaced(mine.delivered, 'lotus', ofBureau(twin.delivered.disclosures, 'lotus')),
    ],
    [
      'one disclosure of somebody else',
      () => replaced(mine.delivered, 'central', ofBureau(stranger.delivered.disclosures, 'central')),
    ],
    [
      'one bureau twice',
      () => replaced(mine.delivered, 'lotus', ofBureau(mine.delivered.disclosures, 'central')),
    ],
  ])('S12 the SDK refuses %s', async (_what, answer) => {
    expect(await refusal(reports(answer))).toBe('link_mismatch');
  });

  test('S12 the SDK refuses a disclosure as a report, and a report as a disclosure', async () => {
    const [first = ''] = mine.delivered.disclosures;
    expect(await refusal(reports((good) => ({ ...good, report: first })))).toBe('statement_type');
    expect(await refusal(reports((good) => replaced(good, 'lotus', good.report)))).toBe('statement_type');
  });

  test('S12 the SDK refuses the answer of another inquiry where it waits for its own', async () => {
    const ask = () => inquireUnder(lender, agreed, terms());
    expect(
      await refusal(
        reports(() => mine.delivered),
        ask,
      ),
    ).toBe('link_mismatch');
  });

  test('S12 the SDK refuses the evidence of another inquiry', async () => {
    const bundle = await lender.evidence(twin.id);
    expect(
      await refusal(
        () => ({ text: bundle }),
        () => lender.evidence(mine.id),
      ),
    ).toBe('link_mismatch');
  });
});

describe('altered answers', () => {
  test('S12 the SDK refuses a changed character in any part of the report', async () => {
    for (const [part, at] of [
      [1, 40],
      [1, 400],
      [1, 2000],
      [2, 10],
    ] as const) {
      expect(await refusal(reports((good) => ({ ...good, report: altered(good.report, part, at) })))).toBe(
        'signature_invalid',
      );
    }
    const header = await refusal(reports((good) => ({ ...good, report: altered(good.report, 0, 60) })));
    expect(['signature_invalid', 'key_unknown', 'statement_malformed', 'header_not_permitted']).toContain(
      header,
    );
  });

  test('S12 the SDK refuses a changed character in a disclosure of each bureau', async () => {
    for (const bureau of federation.card.bureaus) {
      const change = (good: Delivered) =>
        replaced(good, bureau, altered(ofBureau(good.disclosures, bureau), 1, 300));
      expect(await refusal(reports(change))).toBe('signature_invalid');
    }
  });

  test.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
    [
      'without its accounts',
      (claims) => ({ ...claims, merged: { ...(claims['merged'] as object), accounts: [] } }),
    ],
    [
      'without its conflicts or exposure',
      (claims) => ({ ...claims, exposure: { groups: [], lower_bound: false } }),
    ],
    [
      'about somebody else',
      (claims) => ({ ...claims, subject_ref: claimsOf(stranger.delivered.report)['subject_ref'] }),
    ],
    ['of another use', (claims) => ({ ...claims, use: 40 })],
    ['for another inquiry', (claims) => ({ ...claims, inquiry: twin.digest })],
  ])('S12 the SDK refuses a report %s though the broker itself has signed it', async (_what, change) => {
    const lie = (good: Delivered) => ({ ...good, report: resigned(good.report, 'broker', change) });
    expect(await refusal(reports(lie))).toBe('link_mismatch');
  });

  test('S12 the SDK refuses a report signed by anybody but a broker', async () => {
    for (const member of ['central', 'consumer', 'abc-bank']) {
      const lie = (good: Delivered) => ({
        ...good,
        report: resigned(good.report, member, (claims) => claims),
      });
      expect(await refusal(reports(lie))).toBe('key_use');
    }
  });

  test('S12 the SDK refuses a disclosure that the broker made up for a bureau', async () => {
    const forge = (claims: Record<string, unknown>) => ({ ...claims, records: [], outcome: 'empty' });
    const asBureau = (good: Delivered) =>
      replaced(
        good,
        'lotus',
        signedAs(ofBureau(good.disclosures, 'lotus'), federation.keys('broker').statement, forge),
      );
    expect(await refusal(reports(asBureau))).toBe('signature_invalid');
    const asItself = (good: Delivered) =>
      replaced(good, 'lotus', resigned(ofBureau(good.disclosures, 'lotus'), 'broker', forge));
    expect(await refusal(reports(asItself))).toBe('key_use');
  });

  type Change = (claims: Record<string, unknown>) => Record<string, unknown>;

  /** Changed and signed under the header it came with, by whoever. */
  function signedAs(jws: string, key: PrivateJwk, change: Change): string {
    const header = Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString();
    return signTexts(header, JSON.stringify(change(claimsOf(jws))), key);
  }

  /** Changed and signed by a member as its own, with a header that says so. */
  function resigned(jws: string, member: string, change: Change): string {
    const key = federation.keys(member).statement;
    const { kty, crv, x } = key;
    const header = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as object;
    const own = { ...header, kid: kidOf(member, { kty, crv, x }) };
    const claims = { ...change(claimsOf(jws)), iss: member };
    return signTexts(JSON.stringify(own), JSON.stringify(claims), key);
  }
});

describe('stripped answers', () => {
  test.each<[string, (good: Delivered) => unknown, string]>([
    [
      'without one disclosure',
      ({ report, disclosures }) => ({ report, disclosures: disclosures.slice(1) }),
      'link_mismatch',
    ],
    ['without any disclosure', ({ report }) => ({ report, disclosures: [] }), 'link_mismatch'],
    ['without the list of disclosures', ({ report }) => ({ report }), 'unavailable'],
    ['without the report', ({ disclosures }) => ({ disclosures }), 'unavailable'],
    ['with an empty report', ({ disclosures }) => ({ report: '', disclosures }), 'statement_missing'],
    ['with the report’s claims and no signature', (good) => bare(good), 'signature_invalid'],
    ['with the claims in clear', ({ report }) => claimsOf(report), 'unavailable'],
    ['with nothing', () => ({}), 'unavailable'],
  ])('S12 the SDK refuses a delivery %s', async (_what, change, code) => {
    expect(await refusal(reports(change))).toBe(code);
  });

  const bare = (good: Delivered): Delivered => ({
    ...good,
    report: good.report.slice(0, good.report.lastIndexOf('.') + 1),
  });
});

describe('refusals on the way', () => {
  test('S12 the SDK refuses a refusal that belongs to another inquiry or says another code', async () => {
    const evergreen = federation.lender('evergreen');
    const kept: string[] = [];
    proxy.tamper = ({ status, text }) => {
      if (status === 403) kept.push(text);
      return { text };
    };
    const ask = () => inquireUnder(evergreen, agreed, terms());
    await expect(ask()).rejects.toMatchObject({ code: 'not_authorised' });
    const [refused = ''] = kept;
    expect(refused).toContain('"refusal":"ey');
    const swap: Tamper = ({ status, text }) => ({ text: status === 403 ? refused : text });
    expect(await refusal(swap, ask)).toBe('link_mismatch');
    const recoded: Tamper = ({ status, text }) => ({
      text: status === 403 ? text.replaceAll('not_authorised', 'consent_revoked') : text,
    });
    expect(await refusal(recoded, ask)).toBe('link_mismatch');
  });
});

describe('consents on the way', () => {
  test('S12 the SDK refuses a consent that is not the one asked for, altered or stripped', async () => {
    const consumer = await TamperingProxy.before(federation, 'consumer');
    try {
      const [own, wider] = [await given('li-na', 1), await given('li-na', 2)];
      const foreign = await given('zhou-late', 1);
      const seen = new Map<string, string>();
      consumer.tamper = ({ path, text }) => {
        seen.set(path.split('/').at(-1) ?? '', text);
        return { text };
      };
      for (const asked of [own, wider, foreign])
        expect((await lender.consent(asked)).status).toBe('approved');
      const outcome = async (text: string) => {
        consumer.tamper = () => ({ text });
        return lender.consent(own).then(
          () => 'passed',
          (error: unknown) => (error instanceof CausewayError ? error.code : 'failed'),
        );
      };
      const answerTo = ({ id }: { id: string }) => seen.get(id) ?? '';
      expect(await outcome(answerTo(own))).toBe('passed');
      expect(await outcome(answerTo(foreign))).toBe('link_mismatch');
      expect(await outcome(answerTo(wider))).toBe('link_mismatch');
      const { consent, ...stripped } = JSON.parse(answerTo(own)) as { consent: string };
      expect(await outcome(JSON.stringify({ ...stripped, consent: altered(consent, 1, 200) }))).toBe(
        'signature_invalid',
      );
      expect(await outcome(JSON.stringify(stripped))).toBe('statement_malformed');
    } finally {
      await consumer.stop();
    }
  });

  /** A consent request that the subject has approved. */
  async function given(person: string, validDays: number) {
    const subject = sandboxSubject(person);
    const [subjectRef = ''] = await lender.subjectRefs([subject.identifier]);
    const { bureaus, categories } = terms();
    const asked = await lender.requestConsent({
      ...{ subjectRef, categories, bureaus, validDays, maxUses: 1, fetch: 'once', language: 'en' },
      ...{ purposes: ['LOAN_APPROVAL'], recipientRetention: 'P1Y' },
    });
    const idToken = await federation.idToken(subject, approvalNonce(asked.id, asked.formDigest));
    await federation.subject().approve(asked.id, idToken);
    return asked;
  }
});
