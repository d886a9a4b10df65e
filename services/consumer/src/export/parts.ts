import { listAccesses } from '../accesses/service.ts';
import { listActions } from '../adverse-actions/service.ts';
import type { Consumer } from '../consumer.ts';
import { openStatement } from '../consents/sealed-statement.ts';
import { consentPageMax, consentsOf } from '../consents/repository.ts';
import { listDisputes, viewOfDispute } from '../disputes/view.ts';
import { freezesOf } from '../freezes/repository.ts';
import { identitiesOf } from '../identities/repository.ts';
import { exportedMandates } from '../mandates/list.ts';
import { keptReport, type OwnReport, ownReportsOf } from '../own-reports/repository.ts';
import { openPart } from '../own-reports/sealed.ts';
import { passkeysOf } from '../passkeys/repository.ts';
import { openEnrolment } from '../passkeys/sealed.ts';
import { type Page, requestsPage, refusalsPage, stopsPage } from './repository.ts';

type Items = AsyncGenerator<unknown, void>;
/** A part by its name in the file: everything here that is of the subject with these references. */
type Part = (consumer: Consumer, refs: readonly string[]) => Items;

/**
 * What an export consists of, in its order: each part is read page by page, and only by the subject's own
 * references.
 */
export const exportParts: Readonly<Record<string, Part>> = {
  identities: async function* identities({ db }, refs) {
    const linked = await identitiesOf(db, refs);
    for (const reference of refs) {
      const { linked_ms, scheme } = linked.find(({ subject_ref }) => subject_ref === reference) ?? {};
      yield { reference, ...(scheme === undefined ? {} : { scheme, linked_at: timeOf(linked_ms) }) };
    }
  },
  passkeys: async function* passkeys(consumer, refs) {
    for (const row of await passkeysOf(consumer.db, refs)) {
      const { evidence: _token, handover, statement: _box, ...rest } = row;
      yield { ...rest, handover: handover !== null, statement: await openEnrolment(consumer, row) };
    }
  },
  accesses: async function* accesses(consumer, refs) {
    yield* listed(async (cursor) => await listAccesses(consumer, refs, cursor));
  },
  refusals: async function* refusals({ clock, db }, refs) {
    for (const ref of refs) yield* paged(async (after) => await refusalsPage(db, ref, clock.now(), after));
  },
  requests: async function* requests({ db }, refs) {
    for (const ref of refs) yield* paged(async (after) => await requestsPage(db, ref, after));
  },
  consents: async function* consents(consumer, refs) {
    let last: string | undefined;
    do {
      const page = (await consentsOf(consumer.db, refs, last)).slice(0, consentPageMax);
      for (const row of page) {
        const { evidence: _token, statement: _box, ...rest } = row;
        yield { ...rest, statement: await openStatement(consumer, row) };
      }
      last = page.length < consentPageMax ? undefined : page.at(-1)?.id;
    } while (last !== undefined);
  },
  freezes: async function* freezes({ db }, refs) {
    yield* await freezesOf(db, refs);
  },
  stops: async function* stops({ db }, refs) {
    for (const ref of refs) yield* paged(async (after) => await stopsPage(db, ref, after));
  },
  disputes: async function* disputes(consumer, refs) {
    const heads = listed(async (cursor) => await listDisputes(consumer, refs, cursor));
    for await (const { id } of heads) yield await viewOfDispute(consumer, refs, id);
  },
  adverse_actions: async function* actions(consumer, refs) {
    yield* listed(async (cursor) => await listActions(consumer, refs, cursor));
  },
  mandates: async function* mandates(consumer, refs) {
    yield* await exportedMandates(consumer, refs);
  },
  reports: async function* reports(consumer, refs) {
    for (const row of await ownReportsOf(consumer.db, refs)) yield await reportOf(consumer, row);
  },
};

/** With the signed report and its disclosures, where they are still held. */
async function reportOf(consumer: Consumer, row: OwnReport): Promise<object> {
  const { proof, statement, ...rest } = row;
  const box = await keptReport(consumer.db, row);
  return {
    ...rest,
    statement: await openPart(consumer, 'statement', row, statement),
    ...(proof === null
      ? {}
      : { passkey: JSON.parse(await openPart(consumer, 'proof', row, proof)) as object }),
    ...(box === undefined ? {} : (JSON.parse(await openPart(consumer, 'report', row, box)) as object)),
  };
}

/** All pages of what the subject reads page by page otherwise. */
async function* listed<T>(
  list: (cursor: string | undefined) => Promise<{ items: readonly T[]; next?: string }>,
): AsyncGenerator<T, void> {
  yield* paged(async (cursor) => {
    const { items, next } = await list(cursor);
    return { items: [...items], next };
  });
}

/** All pages of something; each begins behind the place of the one before. */
async function* paged<T>(page: (after: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let after: string | undefined;
  do {
    const { items, next } = await page(after);
    yield* items;
    after = next;
  } while (after !== undefined);
}

const timeOf = (ms = 0): string => new Date(ms).toISOString();
