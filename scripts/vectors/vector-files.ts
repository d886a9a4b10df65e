import { checkpointFile, cosignatureFile, growthFile, quorumFile } from './checkpoint-vectors.ts';
import type { VectorName } from './ledger-judges.ts';
import { noteFile, verifierKeyFile } from './note-vectors.ts';
import { proofFile, requestFile } from './proof-vectors.ts';
import { bundleFile, tileFile, tileOfNodeFile, tilePathFile } from './tile-vectors.ts';
import { consistencyFile, digestFile, inclusionFile, rootFile } from './tree-vectors.ts';
import type { VectorFile } from './vector.ts';

const makers: Record<VectorName, () => VectorFile> = {
  digests: digestFile,
  roots: rootFile,
  inclusion: inclusionFile,
  consistency: consistencyFile,
  'tile-paths': tilePathFile,
  'tile-of-node': tileOfNodeFile,
  tiles: tileFile,
  bundles: bundleFile,
  'verifier-keys': verifierKeyFile,
  notes: noteFile,
  checkpoints: checkpointFile,
  growth: growthFile,
  cosignatures: cosignatureFile,
  quorum: quorumFile,
  proofs: proofFile,
  requests: requestFile,
};

/** Each file of docs/protocol/vectors, as `name.json` and its text. The same package gives the same bytes. */
export function vectorFiles(): [string, string][] {
  return Object.entries(makers).map(([name, make]) => [`${name}.json`, textOf(make())]);
}

/** A vector to a line: what changes shows line by line, and the files stay small. */
function textOf({ about, common, vectors }: VectorFile): string {
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
  const head = `  "about": ${JSON.stringify(about)},\n  "common": ${JSON.stringify(common)},\n`;
  return `{\n${head}  "vectors": [\n${lines}\n  ]\n}\n`;
}
