import { dateOf, endOfDay } from '@causeway/kernel';

const zone = 'Asia/Shanghai';

/** The first moment of the calendar year in Shanghai that `nowMs` lies in, in ms since the epoch. */
export function yearStartMs(nowMs: number): number {
  const year = Number(dateOf(nowMs, zone).slice(0, 4));
  return endOfDay(`${year - 1}-12-31`, zone);
}
