import { createSign } from 'node:crypto';

import { encodeStrict } from '@causeway/records/encodings';

import type { Holding } from '../native-system.ts';
import { isSigned, readQuestion } from './question.ts';
import type { CcrcQuestion } from './question.ts';
import type { CcrcFailure, CcrcQuirks } from './quirks.ts';
import { localTime, oldNumber, writeReport } from './report.ts';
import { tag } from './tags.ts';

/** What the registry knows and how it behaves at the moment. */
export interface Registry {
  readonly holdings: readonly Holding[];
  /** Subjects, by their sandbox id, whom it knows by the old form of their number only. */
  readonly oldOnly: ReadonlySet<string>;
  readonly orgCode: string;
  readonly requestKey: string;
  readonly quirks: CcrcQuirks;
  readonly failure: CcrcFailure | undefined;
  readonly nowMs: number;
  readonly serial: number;
}

/** The body of the answer to one question, in GB18030. */
export function answerTo(registry: Registry, body: Uint8Array, signature: unknown): Buffer {
  const question = readQuestion(body);
  const code =
    registry.failure?.kind === 'result' ? registry.failure.code : refuse(registry, question, body, signature);
  if (question === undefined || code !== undefined) return envelope(registry, question, code ?? '1001', '');
  const holding = registry.holdings.find((one) => isAbout(registry, one, question));
  if (holding === undefined) return envelope(registry, question, '0001', '');
  if (holding.records.length === 0) return envelope(registry, question, '0005', '');
  const { failure } = registry;
  const bytes =
    failure?.kind === 'report' ? Buffer.from(failure.report) : reportBytes(registry, holding, question);
  const attribute = failure?.kind === 'report' ? (failure.attribute ?? 'base64') : 'base64';
  const report = `<Report encoding="${attribute}">${bytes.toString('base64')}</Report>`;
  return envelope(registry, question, '0000', report);
}

/** The answer's signature, over its exact bytes. */
export const signed = (body: Uint8Array, key: string): string =>
  createSign('RSA-SHA256').update(body).sign(key, 'base64');

/** In this order: form, signature, organisation, user, reason, authority, load. */
function refuse(
  { orgCode, quirks, requestKey }: Registry,
  question: CcrcQuestion | undefined,
  body: Uint8Array,
  signature: unknown,
): string | undefined {
  if (question === undefined) return '1001';
  if (!isSigned(body, signature, requestKey)) return '1003';
  if (question.orgCode !== orgCode) return '2001';
  if (quirks.userLocked) return '2002';
  if (quirks.refusedReasons.includes(question.reason)) return '2001';
  if (quirks.authorityExpired || question.authNo === '') return '3001';
  return quirks.busy ? '9001' : undefined;
}

const types = { gb11643: '10', passport: '02', gb32100: '20' } as const;

/** By number; a name that is given must be the one on file, whatever its dot. */
function isAbout({ oldOnly }: Registry, { subject }: Holding, question: CcrcQuestion): boolean {
  const { scheme, value } = subject.identifier;
  const number = oldOnly.has(subject.id) ? oldNumber(value) : value;
  const named = question.name === '' || plain(question.name) === plain(subject.name);
  return types[scheme] === question.type && number === question.number && named;
}

const plain = (name: string): string => name.replaceAll(/[·•・]/gu, '·');

function reportBytes(registry: Registry, holding: Holding, question: CcrcQuestion): Buffer {
  const { nowMs, orgCode, quirks, serial } = registry;
  const asked = { type: question.type, number: question.number };
  const report = writeReport(holding, { nowMs, serial, orgCode, reason: question.reason, asked }, quirks);
  return Buffer.from(encodeStrict(report, quirks.encoding));
}

function envelope(
  { nowMs, orgCode, serial }: Registry,
  question: CcrcQuestion | undefined,
  code: string,
  report: string,
): Buffer {
  const head =
    tag('Ver', '2.0') +
    tag('OrgCode', orgCode) +
    tag('MsgId', `R${String(serial).padStart(16, '0')}`) +
    tag('RefMsgId', question?.messageId ?? '') +
    tag('SendTime', localTime(nowMs).replaceAll('-', '').replace('T', ' '));
  const message = tag('RetCode', code) + report;
  const declaration = '<?xml version="1.0" encoding="GB18030"?>';
  const document = `<Document><Head>${head}</Head><Msg>${message}</Msg></Document>`;
  return Buffer.from(encodeStrict(declaration + document, 'gb18030'));
}
