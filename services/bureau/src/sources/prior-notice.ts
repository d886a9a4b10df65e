import type { CreditRecord } from '@causeway/records';
import { isAdverse, isLawfullyPublic } from '@causeway/records/adverse';

import type { Finding, FindingNote, NativeSource } from './source.ts';

/**
 * A native system under the rule of prior notice (Regulation on the Credit Reporting Industry, article 15).
 * Its format does not say whether a person was told before an adverse record was given away; `noticeId` is
 * the bureau's word that its provider does so, by the name of the agreement. Without it what speaks against a
 * person stays where it is, and the finding says so.
 */
export function underPriorNotice(source: NativeSource, noticeId: string | undefined): NativeSource {
  return {
    ...source,
    find: async (subject, categories, at) => {
      const finding = await source.find(subject, categories, at);
      return subject.identifier.scheme === 'gb32100' ? finding : noticed(finding, noticeId);
    },
  };
}

const withheld: FindingNote = { field: 'adverse', what: 'dropped' };

function noticed(finding: Finding, noticeId: string | undefined): Finding {
  const records = finding.records.flatMap((record) => withNotice(record, noticeId) ?? []);
  const notes = records.length < finding.records.length ? [...finding.notes, withheld] : finding.notes;
  return { ...finding, records, notes };
}

function withNotice(record: CreditRecord, noticeId: string | undefined): CreditRecord | undefined {
  if (!isAdverse(record) || record.notice_id !== undefined || record.notice_exemption !== undefined)
    return record;
  if (isLawfullyPublic(record)) {
    return { ...record, is_adverse: true, notice_exemption: 'lawfully_public' };
  }
  return noticeId === undefined ? undefined : { ...record, is_adverse: true, notice_id: noticeId };
}
