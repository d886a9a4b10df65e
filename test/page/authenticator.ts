import type { CDPSession } from 'playwright-core';

/** An authenticator in this browser, which says yes whenever it is asked. */
export async function addAuthenticator(protocol: CDPSession, transport: 'internal' | 'usb'): Promise<string> {
  const { authenticatorId } = await protocol.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport, hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  return authenticatorId;
}
