import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a page that checks proofs can live under: no inline script, no eval, nothing fetched. */
const strictPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/** Serves files from memory on the loopback interface, under the strict policy. */
export async function servePage(
  files: ReadonlyMap<string, string>,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1) || 'index.html';
    const text = files.get(name);
    response.statusCode = text === undefined ? 404 : 200;
    response.setHeader('content-security-policy', strictPolicy);
    response.setHeader('content-type', types[name.split('.').at(-1) ?? ''] ?? 'text/plain');
    response.setHeader('x-content-type-options', 'nosniff');
    response.end(text ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
