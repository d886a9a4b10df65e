import { type App, every, hearHints, type Timer } from '@causeway/service';
import Type from 'typebox';
import { tellLateLines } from './accesses/tell-late.ts';
import { deliverPushes } from './channels/deliver.ts';
import { mailer, type SendMail } from './channels/mail.ts';
import { forgetPushes } from './channels/repository.ts';
import { channelRoutes } from './channels/route.ts';
import type { Consumer } from './consumer.ts';
import { forgetEvents, forgetFollowers } from './events/repository.ts';
import { eventRoutes } from './events/route.ts';
import { fraudAlertRoutes } from './fraud-alerts/route.ts';
import { freezeWindowRoutes } from './freezes/window-route.ts';
import { reminderRoutes } from './reminders/route.ts';
import { receiptRoutes } from './receipts/route.ts';
import { sweepConsents } from './receipts/sweep.ts';

/** Where e-mail to people is handed in, and whom it is from; without both none is sent. */
export const mailVariables = {
  CAUSEWAY_SMTP_URL: Type.Optional(Type.String({ pattern: '^smtps?://' })),
  CAUSEWAY_MAIL_FROM: Type.Optional(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$' })),
};

const sweepPeriodMs = 60_000;
const pushPeriodMs = 1000;
const pushesKeptMs = 30 * 86_400_000;

export function mailOf(
  own: { readonly CAUSEWAY_SMTP_URL?: string; readonly CAUSEWAY_MAIL_FROM?: string },
  portal: string,
): SendMail | undefined {
  const { CAUSEWAY_MAIL_FROM: from, CAUSEWAY_SMTP_URL: url } = own;
  return url === undefined || from === undefined ? undefined : mailer({ url, from, portal });
}

/** How people are told what happens to them: live, as receipts, over channels; and what they tell lenders. */
export function tellingRoutes(app: App, consumer: Consumer): void {
  freezeWindowRoutes(app, consumer);
  eventRoutes(app, consumer);
  receiptRoutes(app, consumer);
  channelRoutes(app, consumer);
  fraudAlertRoutes(app, consumer);
  reminderRoutes(app, consumer);
}

/** What tells people what has happened, beside the requests: in every process of the service. */
export function tellingPeople(consumer: Consumer, databaseUrl: string, mail: SendMail | undefined): Timer[] {
  const { clock, log, waiters } = consumer;
  return [
    every('consent_sweep', sweepPeriodMs, (end) => sweepConsents(consumer, clock.now(), end), { log }),
    every('late_lines', sweepPeriodMs, () => tellLateLines(consumer, clock.now()), { log }),
    every('push_delivery', pushPeriodMs, () => deliverPushes(consumer, mail), { log }),
    hearHints({
      ...{ url: databaseUrl, name: 'consumer', channel: 'subject_event', log },
      onHint: (ref) => waiters.wake(ref, true),
    }),
  ];
}

/** Forgets what has been told, and who has gone. */
export async function forgetTold({ clock, db }: Consumer): Promise<void> {
  await forgetFollowers(db, clock.now());
  await forgetEvents(db);
  await forgetPushes(db, clock.now() - pushesKeptMs);
}
