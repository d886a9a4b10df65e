import {
  type Digest,
  type EvidenceBundle,
  type PrivateJwk,
  type PublicJwk,
  type RootFile,
  type RootPayload,
  digestOf,
  entryDigest,
  generateKey,
  rootFingerprint,
  signRoot,
  thumbprint,
} from '@causeway/protocol';
import { forgeLedgers } from './forged-ledgers.ts';
import { signTexts } from './raw-statement.ts';

/** A bundle under a federation that a forger has made up, and the fingerprint of its root. */
export interface Forged {
  bundle: EvidenceBundle;
  anchor: Digest;
}

/**
 * The same bundle as a whole invented federation would have made it: a root key of the forger's own, every
 * member's keys replaced by the forger's, every statement signed again and every digest in it brought up to
 * date, in ledgers of the forger's own that its own witnesses have seen. Nothing but the anchor tells the two
 * apart.
 */
export function inventFederation(genuine: EvidenceBundle): Forged {
  const forger = new Forger();
  const roots = genuine.roots.map(({ payload }) => textOf(payload));
  const keyed = [...roots, ...genuine.entries].map((text) => JSON.parse(text) as unknown);
  forger.replaceKeys(JSON.stringify(keyed));
  const [root] = genuine.roots.map((file) => forger.root(file));
  if (!root) throw new RangeError('a bundle has a root file');
  const bundle: EvidenceBundle = {
    ...genuine,
    roots: [root],
    entries: genuine.entries.map((entry) => forger.entry(entry)),
    heads: genuine.heads.map((head) => forger.statement(head)),
    ...(genuine.consent === undefined ? {} : { consent: forger.statement(genuine.consent) }),
    inquiry: forger.statement(genuine.inquiry),
    grants: genuine.grants.map((grant) => forger.statement(grant)),
    disclosures: genuine.disclosures.map((disclosure) => forger.statement(disclosure)),
    report: forger.statement(genuine.report),
  };
  const leaves = JSON.parse(forger.rewrite(JSON.stringify(genuine.leaves))) as EvidenceBundle['leaves'];
  const ledgers = forgeLedgers({ ...genuine, leaves }, (x) => forger.keyFor(x));
  return { bundle: { ...bundle, ...ledgers }, anchor: rootFingerprint(root) };
}

const textOf = (part: string): string => Buffer.from(part, 'base64url').toString();

/** Keys and digests of the genuine federation, and what the forger puts in their place. */
class Forger {
  readonly #keys = new Map<string, PrivateJwk>();
  readonly #texts = new Map<string, string>();

  /** A key of the forger's own for every public key in this text. */
  replaceKeys(text: string): void {
    for (const [, x = ''] of text.matchAll(/"x":"([\w-]{43})"/g)) {
      const old: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x };
      const key = this.#keys.get(x) ?? generateKey();
      this.#keys.set(x, key).set(thumbprint(old), key);
      this.#texts.set(x, key.x).set(thumbprint(old), thumbprint({ ...old, x: key.x }));
    }
  }

  keyFor(name: string): PrivateJwk {
    const key = this.#keys.get(name);
    if (!key) throw new RangeError('a key that the directory does not have');
    return key;
  }

  rewrite(text: string): string {
    return text.replaceAll(/[\w-]{43}/g, (found) => this.#texts.get(found) ?? found);
  }

  /** The first version of a root file; the forger needs no other. */
  root(file: RootFile): RootFile {
    const genuine = JSON.parse(textOf(file.payload)) as RootPayload;
    const keys = genuine.root_keys.map((jwk) => this.keyFor(jwk.x));
    const forged = signRoot(JSON.parse(this.rewrite(JSON.stringify(genuine))) as RootPayload, keys);
    this.#texts.set(hashIn(rootFingerprint(file)), hashIn(rootFingerprint(forged)));
    return forged;
  }

  entry(text: string): string {
    return this.#became(entryDigest(text), text, entryDigest);
  }

  statement(jws: string): string {
    const [header = '', payload = ''] = jws.split('.').map((part) => textOf(part));
    const { kid } = JSON.parse(header) as { kid: string };
    const key = this.keyFor(kid.slice(kid.indexOf(':') + 1));
    const forged = signTexts(this.rewrite(header), this.rewrite(payload), key);
    this.#texts.set(hashIn(digestOf(jws)), hashIn(digestOf(forged)));
    return forged;
  }

  #became(old: Digest, text: string, digest: (text: string) => Digest): string {
    const forged = this.rewrite(text);
    this.#texts.set(hashIn(old), hashIn(digest(forged)));
    return forged;
  }
}

const hashIn = (digest: Digest): string => digest.slice('sha-256:'.length);
