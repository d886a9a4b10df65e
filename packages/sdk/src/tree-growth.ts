import {
  consistencyNodes,
  consistencyProof,
  nodeInTile,
  tileOfNode,
  tilePath,
  verifyConsistency,
} from '@causeway/ledger';
import type { Tile } from '@causeway/ledger';
import { fetchBytes } from './http.ts';
import type { SeenTree } from './leaf-proof.ts';

type Tree = Pick<SeenTree, 'root' | 'size'>;

/**
 * Shows that two trees of one ledger are one: that the larger begins with all leaves of the smaller. Equal
 * sizes need nobody; else tiles come from the node, and hashes that do not fit both roots are refused,
 * whoever sends them.
 *
 * @param baseUrl of the node's public listener
 * @throws LedgerError `proof_invalid` where they are not one; CausewayError `unavailable` where the node
 *   does not answer
 */
export async function proveGrowth(baseUrl: string, one: Tree, other: Tree): Promise<void> {
  const [old, grown] = one.size <= other.size ? [one, other] : [other, one];
  const proof = await hashesBetween(baseUrl, old.size, grown.size);
  verifyConsistency({
    ...{ oldSize: old.size, oldRoot: old.root },
    ...{ newSize: grown.size, newRoot: grown.root, proof },
  });
}

async function hashesBetween(baseUrl: string, oldSize: number, newSize: number): Promise<Uint8Array[]> {
  const tileOf = (level: number, index: number): Tile => tileOfNode({ level, index }, newSize);
  const nodes = consistencyNodes(oldSize, newSize);
  const paths = new Set(nodes.map(({ level, index }) => tilePath(tileOf(level, index))));
  const tiles = new Map(
    await Promise.all(
      Array.from(paths, async (path) => [path, await fetchBytes(`${baseUrl}/ledger/${path}`)] as const),
    ),
  );
  return consistencyProof(oldSize, newSize, (level, index) => {
    const tile = tileOf(level, index);
    const bytes = tiles.get(tilePath(tile));
    return bytes && nodeInTile(tile, bytes, { level, index });
  });
}
