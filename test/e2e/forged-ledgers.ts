import {
  cosign,
  encodeBase64,
  entryOf,
  formatCheckpoint,
  formatNote,
  inclusionProof,
  noteSigner,
  parseCheckpoint,
  parseNote,
  rootOf,
  signNote,
} from '@causeway/ledger';
import type { NoteSigner } from '@causeway/ledger';
import { treeOver } from '@causeway/ledger/tree.fixture';
import type { EvidenceBundle, MemberEntry, PrivateJwk } from '@causeway/protocol';

type Ledgers = Pick<EvidenceBundle, 'leaves' | 'checkpoints'>;

/**
 * New ledgers in the place of those in a bundle: each grows by the leaves that the bundle has of it, signed
 * by the same names at the same times with a forger's keys.
 *
 * @param bundle the genuine one, but for its leaves, which are those to prove
 * @param keyFor the forger's key for a genuine public one, base64url
 */
export function forgeLedgers(bundle: EvidenceBundle, keyFor: (x: string) => PrivateJwk): Ledgers {
  const names = bundle.entries.flatMap((text) => {
    const { id, ledger_key, witness_key } = JSON.parse(text) as MemberEntry;
    const name = `causeway/${bundle.fed}/${id}`;
    return [[name, ledger_key?.x] as const, [`${name}/witness`, witness_key?.x] as const];
  });
  const signer = (name: string, type: 'note' | 'cosignature'): NoteSigner => {
    const x = names.find(([each]) => each === name)?.[1] ?? '';
    return noteSigner(name, type, Buffer.from(keyFor(x).d, 'base64url'));
  };
  const grown = new Map<string, string[]>();
  const forged = bundle.checkpoints.map((checkpoint, at) => {
    const own = bundle.leaves.filter((leaf) => leaf.checkpoint === at).map(({ digest }) => digest);
    const { signatures, text: genuine } = parseNote(checkpoint);
    const { origin } = parseCheckpoint(genuine);
    const digests = [...(grown.get(origin) ?? []), ...own];
    grown.set(origin, digests);
    const { frontier, read } = treeOver(digests.map(entryOf));
    const size = digests.length;
    const text = formatCheckpoint({ origin, size, root: rootOf(frontier), extensions: [] });
    const lines = signatures.filter(({ name }) => name !== origin);
    const cosigned = lines.map(({ bytes, name }) =>
      cosign(text, signer(name, 'cosignature'), Number(Buffer.from(bytes).readBigUInt64BE())),
    );
    const signed = signNote(text, [signer(origin, 'note')]).signatures;
    return {
      checkpoint: formatNote({ text, signatures: [...signed, ...cosigned] }),
      leaves: own.map((digest) => {
        const index = digests.indexOf(digest);
        const hashes = inclusionProof(index, size, read).map(encodeBase64);
        return { digest, checkpoint: at, index, hashes };
      }),
    };
  });
  return {
    leaves: forged.flatMap(({ leaves }) => leaves),
    checkpoints: forged.map(({ checkpoint }) => checkpoint),
  };
}
