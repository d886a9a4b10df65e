import { X509Certificate, createPublicKey } from 'node:crypto';
import { type AddressInfo } from 'node:net';
import { type TLSSocket, connect, createServer } from 'node:tls';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { describe, expect, test } from 'vitest';
import { createCa, generateRsa, issueCertificate } from './certificate-authority.ts';
import { makeRequest } from './request-for-tests.ts';
import { readSigningRequest } from './signing-request.ts';

const FED = 'test-fed';
const ca = createCa(FED, ['localhost', '127.0.0.1'], systemClock, systemRandom);
const issuer = new X509Certificate(ca.certificatePem);

function issue(member: string, hosts: string[] = ['localhost', '127.0.0.1'], by = ca) {
  const pair = generateRsa(2048);
  const wanted = { fed: FED, member, publicKeyPem: pair.publicKeyPem, hosts };
  return { ...issueCertificate(by, wanted, systemClock, systemRandom), key: pair.privateKeyPem };
}

describe('what is issued', () => {
  const issued = issue('central');
  const certificate = new X509Certificate(issued.pem);

  test('the CA may issue end certificates and nothing else', () => {
    expect(issuer.ca).toBe(true);
    expect(issuer.verify(issuer.publicKey)).toBe(true);
    expect(issuer.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
  });

  test('a certificate names its member as the CA decided, for client and server use', () => {
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe(
      'URI:urn:causeway:test-fed:central, DNS:localhost, IP Address:127.0.0.1',
    );
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
    expect(certificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(issued.thumbprint);
  });

  test('serials are positive, long and never the same', () => {
    const serials = Array.from({ length: 5 }, () => issue('central').serial);
    expect(new Set(serials).size).toBe(5);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/u);
  });
});

describe('S28 certificates are checked as a path', () => {
  const server = issue('authority');

  test('S28 a member of the same CA is let in', async () => {
    const { key, pem } = issue('central');
    expect(await handshake({ key, cert: pem, ca: ca.certificatePem })).toBe('urn:causeway:test-fed:central');
  });

  test('S28 the same name under another CA of the same name is refused', async () => {
    const other = createCa(FED, ['localhost', '127.0.0.1'], systemClock, systemRandom);
    const { key, pem } = issue('central', undefined, other);
    await expect(handshake({ key, cert: pem, ca: ca.certificatePem })).rejects.toThrow(/refused/u);
  });

  test('S28 a host outside the name constraints of the CA is refused', async () => {
    const { key, pem } = issue('central', ['evil.example']);
    await expect(handshake({ key, cert: pem, ca: ca.certificatePem })).rejects.toThrow(/refused/u);
    const { key: key2, pem: pem2 } = issue('central', ['10.0.0.1']);
    await expect(handshake({ key: key2, cert: pem2, ca: ca.certificatePem })).rejects.toThrow(/refused/u);
  });

  test('S28 a certificate used as a CA is refused', async () => {
    const middle = issue('central');
    const below = issue('lotus', undefined, { certificatePem: middle.pem, privateKeyPem: middle.key });
    const chain = `${below.pem}${middle.pem}`;
    await expect(handshake({ key: below.key, cert: chain, ca: ca.certificatePem })).rejects.toThrow(
      /refused/u,
    );
  });

  test('S28 no certificate at all is refused', async () => {
    await expect(handshake({ ca: ca.certificatePem })).rejects.toThrow(/refused/u);
  });

  /** The URI that the server saw, or a rejection where it refused the client. */
  async function handshake(client: { key?: string; cert?: string; ca: string }): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const options = { key: server.key, cert: server.pem, ca: ca.certificatePem, requestCert: true };
    const listener = createServer({ ...options, rejectUnauthorized: true, minVersion: 'TLSv1.3' });
    listener.on('secureConnection', (socket: TLSSocket) => {
      const names = socket.getPeerX509Certificate()?.subjectAltName ?? '';
      socket.end();
      resolve(/URI:([^,]+)/u.exec(names)?.[1] ?? '');
    });
    listener.on('tlsClientError', () => reject(new Error('refused')));
    await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
    const { port } = listener.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', ...client });
    socket.on('error', () => undefined);
    try {
      return await promise;
    } finally {
      socket.destroy();
      listener.close();
    }
  }
});

describe('certificate requests', () => {
  test('what a request would like to be called does not matter; its key does', () => {
    const { csr, keyPem } = makeRequest({ commonName: 'authority', uri: 'urn:causeway:test-fed:authority' });
    const key = createPublicKey(readSigningRequest(csr));
    expect(key.equals(createPublicKey(keyPem))).toBe(true);
  });

  test.each<[string, Parameters<typeof makeRequest>[0], RegExp]>([
    ['S18 of RSA 1024', { bits: 1024 }, /weak_key.*2048 bits/u],
    ['S18 with the exponent 3', { exponent: 3 }, /weak_key.*65537/u],
    ['S18 with the exponent 1', { exponent: 1 }, /weak_key.*65537/u],
    ['over SHA-1', { md: 'sha1' }, /application_invalid/u],
    ['signed by another key', { signWith: generateRsa(2048).privateKeyPem }, /signature_invalid/u],
  ])('a request %s is refused', (_what, options, reason) => {
    expect(() => readSigningRequest(makeRequest(options).csr)).toThrow(reason);
  });

  test.each(['', 'x', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'])(
    'what is no request is refused: %j',
    (text) => {
      expect(() => readSigningRequest(text)).toThrow(/application_invalid/u);
    },
  );

  test('two requests in one, a certificate and a huge one are refused', () => {
    const { csr } = makeRequest();
    for (const text of [csr + csr, ca.certificatePem, csr.replace('\n', `\n${'A'.repeat(9000)}\n`)]) {
      expect(() => readSigningRequest(text)).toThrow(/application_invalid/u);
    }
  });
});
