import type { Answer } from './calls.ts';
import { rowsWritten } from './written.ts';

/** Status and code of a problem document, and whether the call wrote anything. */
export async function outcomeOf(
  ownerUrl: string,
  send: () => Promise<Answer>,
): Promise<[number, unknown, string]> {
  const before = JSON.stringify(await rowsWritten(ownerUrl));
  const { body, status } = await send();
  const same = JSON.stringify(await rowsWritten(ownerUrl)) === before;
  return [status, body['code'], same ? 'nothing written' : 'written'];
}
