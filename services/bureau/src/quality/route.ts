import { monthPattern } from '@causeway/kernel';
import { SlugSchema } from '@causeway/records/primitives';
import { qualityWeights, scoreQuality } from '@causeway/records/quality/index';
import type { App } from '@causeway/service';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import { ownSystemsOnly } from '../publishing/own-systems.ts';
import { qualityOf } from './repository.ts';

const pageMax = 200;
const querystring = Type.Object(
  {
    month: Type.String({ pattern: monthPattern }),
    provider: Type.Optional(SlugSchema),
    /** The last provider of the page before. */
    after: Type.Optional(SlugSchema),
  },
  { additionalProperties: false },
);

/**
 * The index of data quality of a month, by provider: for the bureau's own systems only, as its rejections
 * are. A provider that has sent nothing is not among them.
 */
export function qualityRoute(app: App, bureau: Bureau): void {
  const onRequest = ownSystemsOnly(app, bureau);
  const schema = { tags: ['publishing'], querystring };
  app.get('/v1/quality', { onRequest, schema }, async (request) => {
    const { after = '', month, provider } = request.query;
    const which = provider === undefined ? {} : { provider };
    const found = await qualityOf(bureau.db, month, { ...which, after, limit: pageMax });
    const providers = [...found].map(([name, counts]) => ({
      provider: name,
      ...scoreQuality(counts),
      counts: Object.fromEntries(counts),
    }));
    const last = providers.at(-1);
    const next = providers.length === pageMax && last ? { next: last.provider } : {};
    return { month, weights: qualityWeights, providers, ...next };
  });
}
