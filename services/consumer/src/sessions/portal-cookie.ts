import { sessionCookie, type SessionCookie } from '@causeway/service/sign-in/session-cookie';

/** The portal's session in a browser. */
export const portalCookie = (publicUrl: string): SessionCookie =>
  sessionCookie('__Host-causeway-consumer', publicUrl);
