import type { Clock } from '@causeway/kernel';
import type { AccountRecord, CreditRecord } from '@causeway/records';
import { decodeStrict, encodeStrict } from '@causeway/records/encodings';
import { normaliseIdentifier } from '@causeway/records/identifiers';
import { newCredentials } from '@causeway/sandbox/natives/ccrc/credentials';
import { startCcrc } from '@causeway/sandbox/natives/ccrc/start-ccrc';
import type { CcrcOptions, CcrcSystem } from '@causeway/sandbox/natives/ccrc/start-ccrc';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { Compile } from 'typebox/compile';

import type { Finding, Moment, NativeSource, NativeSubject } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { openCcrc } from './open-ccrc.ts';
import { CcrcSettingsSchema } from './settings.ts';
import type { CcrcSettings } from './settings.ts';

/** 2026-11-26 00:30 in Shanghai, when it still is the 25th in UTC. */
export const nowMs = Date.UTC(2026, 10, 25, 16, 30);
export const today = '2026-11-26';
export const yesterday = '2026-11-25';
export const clock: Clock = { now: () => nowMs, monotonic: () => nowMs };

/** Keys are slow to make: one set for all registries of a test file. */
const credentials = newCredentials(nowMs);
const settingsOf = Compile(CcrcSettingsSchema);

export interface World {
  readonly system: CcrcSystem;
  readonly source: NativeSource;
  /** Asks for the subject of the first holding, as the roster has it. */
  readonly ask: (change?: Partial<NativeSubject>, at?: Partial<Moment>) => Promise<Finding>;
  /** Everything that the registry now holds on the one subject. */
  readonly hold: (...records: CreditRecord[]) => void;
  readonly close: () => Promise<void>;
}

/** A registry that holds nothing yet on one subject of the sandbox, and the adapter that asks it. */
export async function openWorld(
  id = 'rare-name',
  options: Partial<CcrcOptions> = {},
  change: Partial<CcrcSettings> = {},
): Promise<World> {
  const subject = sandboxSubject(id);
  const system = await startCcrc({ holdings: [{ subject, records: [] }], clock, credentials, ...options });
  const settings: unknown = { ...system.settings, ...change };
  const source = openCcrc(settingsOf.Parse(settings), { clock });
  const [entry] = system.roster;
  if (entry === undefined) throw new Error('the registry knows nobody');
  const { handle, name } = entry;
  const asked: NativeSubject = {
    identifier: normaliseIdentifier(entry.scheme, entry.id),
    ...(name === undefined ? {} : { name }),
    ...(handle === undefined ? {} : { handle }),
  };
  return {
    system,
    source,
    ask: async (other, at) => await source.find({ ...asked, ...other }, [], { ...moment(), ...at }),
    hold: (...records) => {
      system.holdings = [{ subject, records }];
    },
    close: async () => {
      await source.close();
      await system.stop();
    },
  };
}

const moment = (): Moment => ({
  ...{ nowMs, purpose: 'LOAN_APPROVAL', inquiry: `sha-256:${'A'.repeat(43)}` },
  signal: new AbortController().signal,
});

/** The fault with which a question ends; an answer is a failure of the test. */
export async function faultOf(asked: Promise<Finding>): Promise<SourceFault> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof SourceFault) return error;
    throw error;
  }
  throw new Error('the question was answered');
}

/** The bytes of the registry's honest answer to the one question that is asked meanwhile. */
export async function answerOf({ ask, system }: World): Promise<Buffer> {
  let body = Buffer.alloc(0);
  system.failure = {
    kind: 'tampered',
    change: (whole) => {
      body = Buffer.from(whole);
      return whole;
    },
  };
  await ask();
  system.failure = undefined;
  return body;
}

/** The report inside an answer. */
export function reportIn(answer: Buffer): string {
  const [, packed = ''] = /<Report encoding="base64">([^<]*)</u.exec(answer.toString('latin1')) ?? [];
  return decodeStrict(Buffer.from(packed, 'base64'), 'gb18030');
}

/** Asks once, and gets the registry's report as `change` has it, signed all the same. */
export async function askChanged(world: World, change: (report: string) => string): Promise<Finding> {
  const report = change(reportIn(await answerOf(world)));
  world.system.failure = { kind: 'report', report: encodeStrict(report, 'gb18030') };
  return await world.ask().finally(() => {
    world.system.failure = undefined;
  });
}

/** An account that the registry can express whole. */
export const account: AccountRecord = {
  ...{ record: 'account', record_id: 'a1', source_record_id: 'n1', category: 'ACCOUNT_SUMMARY' },
  ...{ as_of: '2026-10-31', account_ref: 'ACC-1', type: 'term', currency: 'CNY', status: 'normal' },
  ...{ lender_ref: 'B10311000H0001', opened: '2024-01-05', original: '120000000', balance: '8000000' },
  history: { to: '2026-10', states: 'NN1NN' },
};

/** The one record of a kind in a finding. */
export function only<K extends CreditRecord['record']>(
  { records }: Finding,
  kind: K,
): Extract<CreditRecord, { record: K }> {
  const found = records.filter((one): one is Extract<CreditRecord, { record: K }> => one.record === kind);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} records of kind ${kind}`);
  return first;
}
