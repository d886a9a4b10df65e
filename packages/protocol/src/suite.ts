import { ed25519Sign, ed25519Verify, type PrivateKey, type PublicKey } from '#crypto';

interface Suite {
  /** The registered `alg` (RFC 9864). */
  readonly alg: string;
  /** How the key says that it is of this suite. */
  readonly kty: string;
  readonly crv: string;
  /** Bytes of a public key and of a signature. */
  readonly keyBytes: number;
  readonly signatureBytes: number;
  readonly sign: (key: PrivateKey, input: string) => Uint8Array;
  readonly verify: (key: PublicKey, input: string, signature: Uint8Array) => boolean;
}

/** The only place that names signature algorithms: another suite is another row. */
export const suites = {
  Ed25519: {
    alg: 'Ed25519',
    kty: 'OKP',
    crv: 'Ed25519',
    keyBytes: 32,
    signatureBytes: 64,
    sign: ed25519Sign,
    verify: ed25519Verify,
  },
} as const satisfies Record<string, Suite>;

/** The key decides the algorithm: the suite that a public key belongs to. */
export function suiteOf(jwk: { readonly crv: keyof typeof suites }): Suite {
  return suites[jwk.crv];
}
