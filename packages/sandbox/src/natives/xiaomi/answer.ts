import { encodeStrict } from '@causeway/records';

import type { Holding } from '../native-system.ts';
import { dayOf, loansOf, scoreOf, type NativeLoan } from './native-data.ts';
import type { XiaomiQuirks } from './quirks.ts';

/** Shanghai has had one offset, eight hours, since 1991. */
const shanghaiMs = 8 * 3_600_000;

const messages: Readonly<Record<string, string>> = {
  '0000': '成功',
  '1001': '验签失败',
  '1002': '参数错误',
  '2001': '用户不存在',
  '2002': '未授权',
  '3001': '系统繁忙',
  '9999': '系统异常',
};

/** A holding as the JSON of `data`: fen and yuan, three ways to write a day, an array as a text. */
export function dataJson(uid: string, holding: Holding): string {
  const score = scoreOf(holding);
  return JSON.stringify({
    uid,
    ...(score === undefined ? {} : { mixScore: score }),
    scoreDate: dayOf(holding).replaceAll('-', ''),
    loans: loansOf(holding).map(loanJson),
    devices: [{ model: '红米 Note 7', imei: '860000000000000', lastSeen: 1_561_910_400_000 }],
  });
}

/** The whole reply of a code, with data or without. */
export function replyBytes(code: string, json: string | undefined, quirks: XiaomiQuirks): Uint8Array {
  const encoding = quirks.utf8 === true ? 'utf-8' : 'gbk';
  const changed = json === undefined ? undefined : (quirks.data?.(json) ?? json);
  const data = changed === undefined ? undefined : Buffer.from(encodeStrict(changed, encoding));
  const reply = { retCode: code, retMsg: messages[code] ?? '未知', data: data?.toString('base64') };
  const bytes = encodeStrict(JSON.stringify(reply), encoding);
  return quirks.bytes?.(bytes) ?? bytes;
}

function loanJson(loan: NativeLoan): object {
  return {
    loanNo: loan.loanNo,
    amt: Number(loan.amtFen),
    bal: `${loan.balFen / 100n}.${String(loan.balFen % 100n).padStart(2, '0')}`,
    openDt: loan.opened.replaceAll('-', '/'),
    ...(loan.due === undefined ? {} : { dueDt: Date.parse(loan.due) - shanghaiMs }),
    ...(loan.terms === undefined ? {} : { terms: loan.terms }),
    sts: loan.status,
    maxOvdDays: loan.maxOverdueDays,
  };
}
