import { wordsOf } from '@causeway/records/disputes/words';
import type { Said } from '../api.ts';

type Outcome = 'corrected' | 'deleted' | 'unfounded' | 'undetermined';

const outcome = (state: Outcome): Said => wordsOf({ state, receivedMs: 0, clocks: [] });

/** What the person reads of each outcome: the very words that the portal shows. */
export const outcomeWords: Readonly<Record<Outcome, Said>> = {
  corrected: outcome('corrected'),
  deleted: outcome('deleted'),
  unfounded: outcome('unfounded'),
  undetermined: outcome('undetermined'),
};

/** Ready-made answers to stand beside an outcome; the person is sent both languages. */
export const cannedAnswers: Readonly<Record<Outcome, readonly Said[]>> = {
  corrected: [
    {
      zh: '经核查，该条信息有误，已按正确内容更正，并通知已查询过的机构。',
      en: 'We checked: the item was wrong. It is corrected, and whoever had read it is told.',
    },
    {
      zh: '信息提供者已确认您的还款，账户状态已更正。',
      en: 'Whoever reported it has confirmed your payment; the account is corrected.',
    },
  ],
  deleted: [
    {
      zh: '经核查，该条信息不属于您，已从您的记录中删除。',
      en: 'We checked: the item is not yours. It is deleted from your record.',
    },
    {
      zh: '信息提供者未能证明该条信息，已予删除。',
      en: 'Whoever reported the item could not prove it. It is deleted.',
    },
  ],
  unfounded: [
    {
      zh: '经与信息提供者核对合同与还款记录，该条信息无误。',
      en: 'We compared it with the contract and the payments: the item is right.',
    },
  ],
  undetermined: [
    {
      zh: '双方材料不一致，无法确认；您可以补充声明，或向监管部门投诉。',
      en: 'The papers of both sides differ. You may add a statement, or complain to the supervisor.',
    },
  ],
};
