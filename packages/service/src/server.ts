import { constants } from 'node:crypto';
import { createServer as createHttp } from 'node:http';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createHttps } from 'node:https';

import type { LiveTls } from './live-tls.ts';
import type { TlsFiles } from './node-keys.ts';

/** Bounds of a listener, all enforced before a byte of a body is kept. */
export const serverBounds = {
  /** All headers of a request together with its request line. */
  headerBytesMax: 16_384,
  /** Time from the first byte to the end of the headers. */
  headersMsMax: 10_000,
  /**
   * Time from the first byte to the end of the body; a streaming upload asks for more with its own listener.
   */
  requestMsMax: 60_000,
  keepAliveMs: 10_000,
  urlBytesMax: 4096,
  headersCountMax: 100,
} as const;

const bounded: ServerOptions = {
  maxHeaderSize: serverBounds.headerBytesMax,
  headersTimeout: serverBounds.headersMsMax,
  requestTimeout: serverBounds.requestMsMax,
  keepAliveTimeout: serverBounds.keepAliveMs,
  connectionsCheckingInterval: 1000,
  insecureHTTPParser: false,
  requireHostHeader: true,
};

/** A plain HTTP server for a public listener (loopback, or behind the operator's TLS terminator). */
export function plainServer(handler: RequestListener): Server {
  return bind(createHttp(bounded, handler));
}

/**
 * A TLS 1.3 server that refuses, in the handshake, whoever has no certificate of the federation's CA. Another
 * certificate of its own serves new connections; those that are open go on.
 */
export function mutualTlsServer(tls: LiveTls, handler: RequestListener): Server {
  const server = createHttps(
    {
      ...bounded,
      ...secureContext(tls.current()),
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: 10_000,
    },
    handler,
  );
  tls.onChange((next) => server.setSecureContext(secureContext(next)));
  return bind(server);
}

/**
 * No session tickets: a resumed session would bring a certificate that nobody has looked at since, and a
 * connection is kept open anyway.
 */
const secureContext = ({ key, cert, ca }: TlsFiles) => ({
  key,
  cert,
  ca,
  minVersion: 'TLSv1.3' as const,
  secureOptions: constants.SSL_OP_NO_TICKET,
});

function bind<S extends Server>(server: S): S {
  server.maxHeadersCount = serverBounds.headersCountMax;
  return server;
}
