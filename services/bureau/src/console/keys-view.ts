import { X509Certificate } from 'node:crypto';
import type { DirectoryView } from '@causeway/protocol';
import { thumbprint } from '@causeway/protocol/keys';
import type { NodeKeys } from '@causeway/service';

interface Options {
  readonly me: string;
  readonly directory: { view(): DirectoryView };
  readonly held: NodeKeys['held'];
}

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Certificates and keys: those that lie in this node's folder and those that the directory lists. One that
 * stands in only one of the two places signs nothing and is believed by nobody.
 */
export function keysView({ directory, held, me }: Options) {
  const view = directory.view();
  const entry = view.member(me);
  const { pairs, statements } = held();
  const here = new Set(statements.map(({ kid }) => kid));
  return {
    directory: { version: view.version, expires_at: iso(view.expiresAtMs) },
    certificates: pairs.map(({ notAfterMs, notBeforeMs, thumbprint: print }) => ({
      ...{ thumbprint: print, from: iso(notBeforeMs), until: iso(notAfterMs) },
      listed: entry?.certificates.includes(print) === true,
    })),
    not_here: (entry?.certificates ?? []).filter((print) => pairs.every((pair) => pair.thumbprint !== print)),
    authorities: [...new Set(pairs.map(({ ca }) => ca))].flatMap(caCertificates),
    keys: (entry?.keys ?? []).map(({ from, jwk, retired_at, revoked_at, use }) => ({
      ...{ kid: thumbprint(jwk), use, from: iso(from * 1000), here: here.has(thumbprint(jwk)) },
      ...(retired_at === undefined ? {} : { retired_at: iso(retired_at * 1000) }),
      ...(revoked_at === undefined ? {} : { revoked_at: iso(revoked_at * 1000) }),
    })),
  };
}

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

function caCertificates(text: string) {
  return [...text.matchAll(pem)].map(([one]) => {
    const { subject, validTo } = new X509Certificate(one);
    return { name: subject.replaceAll('\n', ', '), until: iso(Date.parse(validTo)) };
  });
}
