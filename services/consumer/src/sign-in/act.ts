import { uuidv7Pattern } from '@causeway/kernel';
import { digestPattern } from '@causeway/protocol';
import Type from 'typebox';
import { approve } from '../consents/approve.ts';
import type { Consumer } from '../consumer.ts';
import { askErasure, eraseNonce } from '../erasures/ask.ts';
import { endAlert } from '../fraud-alerts/service.ts';
import { permitExport } from '../export/permit.ts';
import { thaw } from '../freezes/service.ts';
import { openingParts } from '../freezes/window-route.ts';
import { openingNonce, openWindow } from '../freezes/windows.ts';
import { actorUnder, nonceFor } from '../mandates/acting.ts';
import { entrust, entrustingNonce } from '../mandates/authorise.ts';
import { entrusting } from '../mandates/schema.ts';
import { enrol } from '../passkeys/enrol.ts';
import { removePasskey } from '../passkeys/remove.ts';
import { actorByToken } from '../subjects/actor.ts';

const closed = { additionalProperties: false } as const;
const id = Type.String({ pattern: uuidv7Pattern });

/** What a session is not enough for: the person signs in anew, for this act and no other. */
export const actSchema = Type.Union([
  Type.Object(
    {
      ...{ act: Type.Literal('approve'), request: id, mandate: Type.Optional(id) },
      form_digest: Type.String({ pattern: digestPattern }),
    },
    closed,
  ),
  Type.Object({ act: Type.Literal('thaw'), freeze: id, mandate: Type.Optional(id) }, closed),
  Type.Object({ act: Type.Literal('entrust'), ...entrusting }, closed),
  Type.Object({ act: Type.Literal('end_alert'), alert: id }, closed),
  Type.Object({ act: Type.Literal('open'), freeze: id, ...openingParts }, closed),
  Type.Object({ act: Type.Literal('export') }, closed),
  Type.Object({ act: Type.Literal('erase') }, closed),
  Type.Object(
    { act: Type.Literal('enrol'), registration: id, content: Type.String({ pattern: digestPattern }) },
    closed,
  ),
  Type.Object({ act: Type.Literal('remove_passkey'), passkey: id }, closed),
]);
export type Act = Type.Static<typeof actSchema>;

/** The nonce of an id_token for the act: it names the very form that the person has seen. */
export function nonceOf(act: Act): string {
  switch (act.act) {
    case 'approve':
      return nonceFor(`approve:${act.request}:${act.form_digest}`, act.mandate);
    case 'thaw':
      return nonceFor(`thaw:${act.freeze}`, act.mandate);
    case 'entrust':
      return entrustingNonce(act);
    case 'open':
      return openingNonce(act.freeze, act);
    case 'end_alert':
      return `end-alert:${act.alert}`;
    case 'enrol':
      return `enrol:${act.content}`;
    case 'remove_passkey':
      return `remove-passkey:${act.passkey}`;
    case 'export':
      return 'export:all';
    case 'erase':
      return eraseNonce;
  }
}

/** Does it. Throws as the act does; an id_token with another nonce is `token_invalid`. */
export async function perform(consumer: Consumer, act: Act, idToken: string): Promise<void> {
  switch (act.act) {
    case 'approve':
      await approve(consumer, act.request, idToken, act.mandate);
      return;
    case 'thaw':
      await thaw(
        consumer,
        act.freeze,
        await actorUnder(consumer, idToken, nonceOf(act), { mandate: act.mandate, power: 'freeze' }),
      );
      return;
    case 'entrust':
      await entrust(consumer, act, idToken);
      return;
    case 'open':
      await openWindow(consumer, act.freeze, act, await actorByToken(consumer, idToken, nonceOf(act)));
      return;
    case 'end_alert':
      await endAlert(consumer, act.alert, await actorByToken(consumer, idToken, nonceOf(act)));
      return;
    case 'enrol':
      await enrol(consumer, act.registration, idToken);
      return;
    case 'remove_passkey':
      await removePasskey(consumer, act.passkey, await actorByToken(consumer, idToken, nonceOf(act)));
      return;
    case 'export':
      await permitExport(consumer, await actorByToken(consumer, idToken, nonceOf(act)));
      return;
    case 'erase':
      await askErasure(consumer, await actorByToken(consumer, idToken, nonceOf(act)));
  }
}
