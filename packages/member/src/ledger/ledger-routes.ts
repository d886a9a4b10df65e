import { LedgerError, parseTilePath } from '@causeway/ledger';
import type { Tile } from '@causeway/ledger';
import { CausewayError } from '@causeway/protocol';
import { digestSchema } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service';
import Type from 'typebox';

import type { LedgerStore } from './ledger-store.ts';

const text = 'text/plain; charset=utf-8';
const binary = 'application/octet-stream';
/** What has an index below the checkpoint's size never changes. */
const forever = 'public, max-age=604800, immutable';
const now = 'no-cache';

const proofParams = Type.Object({ digest: digestSchema }, { additionalProperties: false });
const tileParams = Type.Object(
  { '*': Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
);

/**
 * The node's ledger for everybody: `/ledger` is a tile log's prefix (C2SP tlog-tiles), where any tool that
 * reads such logs finds it, and `/ledger/proof/<digest>` a proof file (C2SP tlog-proof), with `/first` behind
 * it the one for evidence. Leaves say nothing to who does not hold the statement, so there is nothing to
 * protect.
 */
export function ledgerRoutes(app: App, store: LedgerStore): void {
  app.get('/ledger/checkpoint', { schema: { tags: ['ledger'] } }, async (_request, reply) => {
    const checkpoint = found((await store.newestCounting()) ?? (await store.newest()));
    return reply.headers(toAnyone(now)).type(text).send(checkpoint.note);
  });
  const tileSchema = { tags: ['ledger'], params: tileParams };
  app.get('/ledger/tile/*', { schema: tileSchema }, async (request, reply) => {
    const bytes = found(await store.tile(tileOf(request.url)));
    return reply.headers(toAnyone(forever)).type(binary).send(Buffer.from(bytes));
  });
  const proofSchema = { tags: ['ledger'], params: proofParams };
  app.get('/ledger/proof/:digest', { schema: proofSchema }, async (request, reply) => {
    const proof = found(await store.proofOf(request.params.digest));
    return reply.headers(toAnyone(now)).type(text).send(proof);
  });
  app.get('/ledger/proof/:digest/first', { schema: proofSchema }, async (request, reply) => {
    const proof = found(await store.firstProofOf(request.params.digest));
    return reply.headers(toAnyone(now)).type(text).send(proof);
  });
}

/** Pages of any origin may read it too (Fetch, section 3.3): a person's own page proves what they see. */
const toAnyone = (cacheControl: string) => ({
  'cache-control': cacheControl,
  'access-control-allow-origin': '*',
});

/** By the URL as it was sent: an escape is another spelling, and a tile has one. */
function tileOf(url: string): Tile {
  try {
    return parseTilePath(url.slice('/ledger/'.length));
  } catch (error) {
    if (error instanceof LedgerError) throw new CausewayError('not_found');
    throw error;
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new CausewayError('not_found');
  return value;
}
