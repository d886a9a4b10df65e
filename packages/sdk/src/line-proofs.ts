import { CausewayError, type DirectoryView } from '@causeway/protocol';
import type { Access } from './access.ts';
import { type LineProof, type ProvedBy, verifyLine } from './history-proof.ts';
import { send } from './http.ts';

const atOnceMax = 16;

/**
 * As `verifyHistory`, but where a leaf is in the ledger of another node, the proof is fetched from that node,
 * at the address that the directory has of it.
 */
export async function proveLines(lines: readonly Access[], by: ProvedBy): Promise<LineProof[]> {
  const proven: LineProof[] = [];
  for (let at = 0; at < lines.length; at += atOnceMax) {
    const some = lines.slice(at, at + atOnceMax);
    proven.push(...(await Promise.all(some.map(async (line) => await proveLine(line, by)))));
  }
  return proven;
}

async function proveLine(line: Access, by: ProvedBy): Promise<LineProof> {
  try {
    return verifyLine(line, line.proof ?? (await fetchedProof(line, by.view)), by);
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return error.code === 'unavailable'
      ? { state: 'unreachable', line }
      : { state: 'failed', line, code: error.code };
  }
}

async function fetchedProof(line: Access, view: DirectoryView): Promise<string | undefined> {
  const node = view.member(line.ledger);
  const base = node?.ledger_key && node.endpoints.public;
  if (line.proof_absent !== 'other_ledger' || base === undefined) return undefined;
  try {
    const url = `${base}/ledger/proof/${encodeURIComponent(line.leaf)}`;
    return (await send({ method: 'GET', url })).text;
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'not_found') return undefined;
    throw error;
  }
}
