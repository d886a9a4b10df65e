import { uuidv7Pattern } from '@causeway/kernel';
import { digestPattern } from '@causeway/protocol';
import Type from 'typebox';
import { approve } from '../consents/approve.ts';
import type { Consumer } from '../consumer.ts';
import { endAlert } from '../fraud-alerts/service.ts';
import { thaw } from '../freezes/service.ts';
import { openingParts } from '../freezes/window-route.ts';
import { openingNonce, openWindow } from '../freezes/windows.ts';
import { actorByToken } from '../subjects/actor.ts';

const closed = { additionalProperties: false } as const;
const id = Type.String({ pattern: uuidv7Pattern });

/** What a session is not enough for: the person signs in anew, for this act and no other. */
export const actSchema = Type.Union([
  Type.Object(
    { act: Type.Literal('approve'), request: id, form_digest: Type.String({ pattern: digestPattern }) },
    closed,
  ),
  Type.Object({ act: Type.Literal('thaw'), freeze: id }, closed),
  Type.Object({ act: Type.Literal('end_alert'), alert: id }, closed),
  Type.Object({ act: Type.Literal('open'), freeze: id, ...openingParts }, closed),
]);
export type Act = Type.Static<typeof actSchema>;

/** The nonce of an id_token for the act: it names the very form that the person has seen. */
export function nonceOf(act: Act): string {
  if (act.act === 'end_alert') return `end-alert:${act.alert}`;
  if (act.act === 'open') return openingNonce(act.freeze, act);
  return act.act === 'approve' ? `approve:${act.request}:${act.form_digest}` : `thaw:${act.freeze}`;
}

/** Does it. Throws as the act does; an id_token with another nonce is `token_invalid`. */
export async function perform(consumer: Consumer, act: Act, idToken: string): Promise<void> {
  if (act.act === 'approve') {
    await approve(consumer, act.request, idToken);
    return;
  }
  if (act.act === 'end_alert') {
    await endAlert(consumer, act.alert, await actorByToken(consumer, idToken, nonceOf(act)));
    return;
  }
  if (act.act === 'open') {
    await openWindow(consumer, act.freeze, act, await actorByToken(consumer, idToken, nonceOf(act)));
    return;
  }
  await thaw(consumer, act.freeze, await actorByToken(consumer, idToken, nonceOf(act)));
}
