import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { type Access, sessionNonce } from '@causeway/sdk';
import type { Clients } from '../clients.ts';
import type { SandboxSubject } from '../people/persons.ts';

/** A subject's whole access history, as the subject sees it after signing in. */
export async function accessesOf(clients: Clients, subject: SandboxSubject): Promise<Access[]> {
  const token = await clients.idToken(subject, sessionNonce(uuidv7(systemClock, systemRandom)));
  const consumer = clients.subject();
  return consumer.accesses(await consumer.openSession(token));
}
