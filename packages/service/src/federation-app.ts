import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { CausewayError } from '@causeway/protocol';

import type { App } from './app.ts';
import { baseApp } from './base-app.ts';
import type { BaseOptions } from './base-app.ts';
import type { LiveTls } from './live-tls.ts';
import { identifyPeer } from './peer.ts';
import type { Members } from './peer.ts';
import { mutualTlsServer } from './server.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * On the federation listener: the member at the other end, checked against the directory for this
     * request.
     */
    peer: string;
  }
}

export interface FederationOptions extends BaseOptions {
  readonly tls: LiveTls;
  readonly fed: string;
  readonly members: Members;
}

/**
 * The listener for other nodes: TLS 1.3, client certificate required. Every request, unknown paths included,
 * is attributed to an active member before anything else is looked at. Headers that proxies use to carry
 * certificates are ignored. Role checks are the route's.
 */
export function federationApp(options: FederationOptions): App {
  const app = baseApp(options, (handler) => mutualTlsServer(options.tls, handler));
  app.decorateRequest('peer', '');
  endOlderConnections(app, options.tls);
  app.addHook('onRequest', async (request) => {
    const { socket } = request.raw;
    if (!(socket instanceof TLSSocket)) throw new CausewayError('member_unknown', { internal: 'not TLS' });
    request.peer = identifyPeer(socket, options.fed, options.members, options.clock);
  });
  return app;
}

/**
 * After another certificate has come, connections made under the one before end with their next answer: so
 * none is left, and nothing is cut, when that one is removed from the directory.
 */
function endOlderConnections(app: App, tls: LiveTls): void {
  let certificate = 0;
  const madeUnder = new WeakMap<Socket, number>();
  tls.onChange(() => {
    certificate += 1;
  });
  app.server.on('secureConnection', (socket: Socket) => madeUnder.set(socket, certificate));
  app.addHook('onSend', async (request, reply) => {
    if (madeUnder.get(request.raw.socket) !== certificate) reply.header('connection', 'close');
  });
}
