import { sha256Digest } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import type { CreditRecord } from '@causeway/records';

/**
 * Members that say something about an answer and not about the item: its numbers and days, and at which stage
 * an objection stands. Each may be otherwise in the next answer although nothing was corrected.
 */
const ofTheAnswer: ReadonlySet<string> = new Set([
  ...['record_id', 'source_record_id', 'as_of', 'reported_on', 'refreshed_on', 'version', 'batch'],
  ...['marks', 'display_state', 'dispute_state', 'statement'],
]);

/** The same of what a system says beyond the model: the number of the answer, and when it was looked at. */
const ofTheReply: ReadonlySet<string> = new Set(['biz_no', 'refresh_time']);

/** Of what an item of a native system says, whatever the answer that brings it: two alike say the same. */
export function digestOfItem(record: CreditRecord): Digest {
  const { absent, native, native_ext, ...rest } = record;
  const facts = {
    ...without(rest, ofTheAnswer),
    ...(absent && { absent: without(absent, ofTheAnswer) }),
    ...(native && { native: without(native, ofTheAnswer) }),
    ...(native_ext && { native_ext: without(native_ext, ofTheReply) }),
  };
  return sha256Digest(canonicalJson(facts));
}

const without = (members: object, names: ReadonlySet<string>): object =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.has(name)));
