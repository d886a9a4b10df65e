import { seconds, systemRandom, type Clock } from '@causeway/kernel';
import {
  buildView,
  entryDigest,
  generateKey,
  rootFingerprint,
  sha256Digest,
  sign,
  signingKeyFromJwk,
  signRoot,
  statementUses,
  verifyDirectory,
  verifyRoot,
  type Digest,
  type DirectoryView,
  type PrivateJwk,
  type Role,
  type SigningKey,
} from '@causeway/protocol';

export const fed = 'test';

/** The members of the tests' federation by id. */
const roles: Readonly<Record<string, Role>> = {
  authority: 'authority',
  consumer: 'consumer',
  broker: 'broker',
  central: 'bureau',
  lotus: 'bureau',
  'abc-bank': 'lender',
  evergreen: 'lender',
};

interface Standing {
  readonly status?: 'active' | 'suspended';
  readonly revoked?: boolean;
}

/** A real signed directory of made-up members, published anew whenever a member's standing changes. */
export class TestMembers {
  readonly #clock: Clock;
  readonly #jwks = new Map<string, PrivateJwk>();
  readonly #standing = new Map<string, Standing>();
  readonly #root = generateKey();
  readonly #rootFile;
  readonly anchor: Digest;
  /** All keys are as old as the world. */
  readonly #from: number;
  #version = 0;
  view: DirectoryView;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#from = seconds(clock) - 1000;
    for (const member of ['directory', ...Object.keys(roles)]) this.#jwks.set(member, generateKey());
    const issued_at = seconds(clock) - 1000;
    const directory = this.#public('directory');
    this.#rootFile = signRoot(
      {
        v: 1,
        fed,
        version: 1,
        threshold: 1,
        root_keys: [publicPart(this.#root)],
        keys: [{ use: 'directory', member: 'authority', jwk: directory, from: issued_at }],
        ca: [],
        issued_at,
        expires_at: issued_at + 1_000_000,
      },
      [this.#root],
    );
    this.anchor = rootFingerprint(this.#rootFile);
    this.view = this.publish();
  }

  key(member: string): SigningKey {
    const jwk = this.#jwks.get(member);
    if (jwk === undefined) throw new Error(`no key of ${member}`);
    return signingKeyFromJwk(member, jwk);
  }

  /** Changes a member's standing and publishes the next version. */
  set(member: string, standing: Standing): void {
    this.#standing.set(member, standing);
    this.view = this.publish();
  }

  publish(): DirectoryView {
    const entries = Object.keys(roles).map((member) => JSON.stringify(this.#entry(member)));
    const iat = seconds(this.#clock);
    this.#version += 1;
    const jwk = this.#jwks.get('directory') ?? this.#root;
    const head = sign(
      'directory',
      {
        aud: 'all',
        exp: iat + 600,
        version: this.#version,
        statement_versions: [1],
        policy: { version: 'cn-2026.1', digest: sha256Digest('policy') },
        entries: Object.keys(roles).map((member, at) => ({ member, digest: entryDigest(entries[at] ?? '') })),
      },
      { key: signingKeyFromJwk('authority', jwk), fed, clock: this.#clock, random: systemRandom },
    );
    const root = verifyRoot([this.#rootFile], this.anchor, this.#clock.now());
    return buildView(root, verifyDirectory(head.jws, root, this.#clock.now()), entries);
  }

  #entry(member: string) {
    const role = roles[member] ?? 'lender';
    const standing = this.#standing.get(member);
    const now = seconds(this.#clock);
    const revoked = standing?.revoked === true ? { revoked_at: now } : {};
    return {
      v: 1,
      id: member,
      legal_name: member,
      roles: [role],
      class: 'A',
      jurisdiction: 'CN',
      status: standing?.status ?? 'active',
      keys: [{ jwk: this.#public(member), use: statementUses([role]), from: this.#from, ...revoked }].filter(
        (key) => key.use.length > 0,
      ),
      endpoints: {},
      certificates: [],
    };
  }

  #public(member: string) {
    return publicPart(this.#jwks.get(member) ?? this.#root);
  }
}

function publicPart({ crv, kty, x }: PrivateJwk) {
  return { kty, crv, x };
}
