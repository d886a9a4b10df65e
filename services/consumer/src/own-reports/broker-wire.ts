import { limits } from '@causeway/kernel';
import { CausewayError, readUnverified, type Inquiry } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import Type from 'typebox';
import type { Static } from 'typebox';

const text = (maxLength: number) => Type.String({ maxLength });
const state = Type.Enum(['accepted', 'running', 'complete', 'partial', 'refused', 'failed']);

const viewSchema = Type.Object({
  state,
  bureaus: Type.Array(Type.Object({ bureau: text(40), state: text(20), code: Type.Optional(text(48)) }), {
    maxItems: limits.bureausMax,
  }),
  report_version: Type.Optional(Type.Integer({ minimum: 1 })),
  code: Type.Optional(text(48)),
});

const deliverySchema = Type.Union([
  Type.Object({
    report: text(limits.reportBytesMax),
    disclosures: Type.Array(text(limits.disclosureBytesMax), { maxItems: limits.bureausMax }),
  }),
  Type.Object({ state }),
]);

/** Where an own inquiry stands at its broker. */
export type InquiryView = Static<typeof viewSchema>;

/** A report as it came, nothing verified yet. */
export interface Delivery {
  readonly report: string;
  readonly disclosures: string[];
}

const sendMsMax = 5000;
const lookMsMax = 5000;
const reportMsMax = 20_000;
/** A report and all its disclosures; a broker that sends more is not answering. */
const deliveryBytesMax = 32 * 1024 * 1024;

/** The one active broker of the federation. @throws CausewayError not_ready */
export function soleBroker({ directory }: Pick<Consumer, 'directory'>): string {
  const active = directory()
    .membersWith('broker')
    .find(({ status }) => status === 'active');
  if (active === undefined) throw new CausewayError('not_ready', { internal: 'no active broker' });
  return active.id;
}

type Wire = Pick<Consumer, 'federation'>;

/** The broker and the id of an inquiry of ours. */
function placeOf(inquiry: string): { member: string; path: string } {
  // This service signed it, and its box opened.
  const { aud, jti } = readUnverified(inquiry).claims as Inquiry;
  return { member: aud, path: `/v1/inquiries/${jti}` };
}

/**
 * Hands an inquiry to its broker. Handing it again has no second effect.
 * @throws CausewayError with the code of the broker's refusal, or `unavailable`
 */
export async function sendInquiry({ federation }: Wire, inquiry: string): Promise<void> {
  await federation.call({
    ...{ member: placeOf(inquiry).member, method: 'POST', path: '/v1/inquiries', body: { inquiry } },
    ...{ schema: Type.Object({ state }), timeoutMs: sendMsMax },
  });
}

/** @throws CausewayError not_found, unavailable */
export async function lookAt({ federation }: Wire, inquiry: string): Promise<InquiryView> {
  const at = placeOf(inquiry);
  return await federation.call({ ...at, method: 'GET', schema: viewSchema, timeoutMs: lookMsMax });
}

/** The newest version of the report; undefined where there is none yet. @throws CausewayError */
export async function fetchReport({ federation }: Wire, inquiry: string): Promise<Delivery | undefined> {
  const { member, path } = placeOf(inquiry);
  const answer = await federation.call({
    ...{ member, method: 'GET', path: `${path}/report`, schema: deliverySchema },
    ...{ timeoutMs: reportMsMax, maxBytes: deliveryBytesMax },
  });
  return 'report' in answer ? answer : undefined;
}
