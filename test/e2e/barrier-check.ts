import { digestOf, verify, type Ack } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import type { StopReceipt } from '@causeway/sdk';
import { queryDatabase } from './rows.ts';

/** A leaf that lies where none may: released after its node had acknowledged the stop. */
interface Late {
  node: string;
  typ: string;
  index: number;
  treeSize: number;
}

/**
 * Every release of these inquiries whose leaf has an index at or beyond the tree size of its node's ack. A
 * release is a disclosure of a bureau and a report of a broker; both are released once their leaf is
 * committed. Leaves that are staged are at the end of the tree.
 */
export async function lateReleases(
  federation: Federation,
  inquiries: readonly string[],
  { acknowledgements }: Pick<StopReceipt, 'acknowledgements'>,
): Promise<Late[]> {
  const all = acknowledgements.map(async ({ node, tree_size }) => {
    const rows = await queryDatabase<{ typ: string; idx: string | null }>(
      federation,
      node,
      `SELECT typ, idx FROM leaf WHERE inquiry = ANY($1) AND typ IN ('disclosure', 'report')
       UNION ALL
       SELECT typ, NULL FROM leaf_staging WHERE inquiry = ANY($1) AND typ IN ('disclosure', 'report')
         AND digest NOT IN (SELECT digest FROM leaf)`,
      [inquiries],
    );
    const leaves = rows.map(({ idx, typ }) => ({ typ, index: idx === null ? Infinity : Number(idx) }));
    return leaves.flatMap((leaf) => (leaf.index < tree_size ? [] : [{ node, treeSize: tree_size, ...leaf }]));
  });
  return (await Promise.all(all)).flat();
}

/** The acks of a receipt, each checked under the directory and against the status that its node was sent. */
export async function checkedAcks(federation: Federation, receipt: StopReceipt): Promise<Ack[]> {
  const { keys } = await federation.lender('abc-bank').directory.view();
  const { fed } = federation.ceremony;
  return receipt.acknowledgements.map(({ ack, node, status }) => {
    const context = { keys, fed, nowMs: Date.now(), audience: 'consumer', issuer: node };
    const { claims } = verify('ack', ack, { ...context, received: 'forwarded' });
    if (claims.status !== digestOf(status ?? receipt.receipt))
      throw new Error(`${node} acknowledged another`);
    return claims;
  });
}
