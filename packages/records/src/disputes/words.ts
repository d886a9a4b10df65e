import type { RejectionReason } from './codes.ts';
import type { Dispute, DisputeState } from './state-machine.ts';

/** A sentence in the languages of the portal. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

const states: Readonly<Record<Exclude<DisputeState, 'rejected' | 'recipients_notified' | 'closed'>, Words>> =
  {
    received: { en: 'On its way to the bureau.', zh: '正在送达征信机构。' },
    accepted: { en: 'The bureau has it.', zh: '征信机构已受理。' },
    marked: {
      en: 'The item is marked as disputed in every report; the bureau is looking into it.',
      zh: '该条信息已在每份报告中标注异议，征信机构正在核查。',
    },
    forwarded: {
      en: 'The bureau has asked whoever reported the item. It stays marked as disputed.',
      zh: '征信机构已转信息提供者核查，该条信息继续标注异议。',
    },
    answered: {
      en: 'Whoever reported the item has answered; the bureau is deciding.',
      zh: '信息提供者已答复，征信机构正在作出结论。',
    },
    corrected: { en: 'You were right: the item was corrected.', zh: '异议成立：该条信息已更正。' },
    deleted: { en: 'You were right: the item was deleted.', zh: '异议成立：该条信息已删除。' },
    unfounded: {
      en: 'The bureau found the item to be right; it stays, and the mark ends.',
      zh: '征信机构核查认为该条信息无误，予以保留，异议标注取消。',
    },
    undetermined: {
      en: 'It could not be found out who is right. The item stays, with a note of that for good.',
      zh: '无法确认该条信息是否有误，予以保留并长期加注说明。',
    },
    withdrawn: { en: 'You withdrew this dispute.', zh: '您已撤回该异议。' },
  };

const rejections: Readonly<Record<RejectionReason, Words>> = {
  no_such_item: {
    en: 'The bureau holds no such item about you.',
    zh: '该征信机构没有您的此条信息。',
  },
  already_open: {
    en: 'A dispute about this item is open already.',
    zh: '针对该条信息的异议已在处理中。',
  },
  elsewhere: {
    en: 'The bureau keeps this item in another system: write to the bureau itself.',
    zh: '该条信息保存在征信机构的其他系统中，请直接联系该机构。',
  },
};

/** Where a dispute stands, or how it ended, in plain words. */
export function wordsOf({ outcome, rejection, state }: Dispute): Words {
  if (state === 'rejected') return rejections[rejection ?? 'no_such_item'];
  if (state === 'recipients_notified' || state === 'closed') return states[outcome ?? 'withdrawn'];
  return states[state];
}
