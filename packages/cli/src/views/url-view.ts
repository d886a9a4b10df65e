import type { FederationCard } from '@causeway/sandbox';
import { table } from './table.ts';

/** Where a local federation listens, and the anchor to verify its evidence under. */
export function urlLines(card: FederationCard): string[] {
  const rows = Object.entries(card.urls).map(([name, url]) => [
    name,
    url,
    name === 'identity-provider' ? `${url}/.well-known/openid-configuration` : `${url}/docs`,
  ]);
  return [
    '',
    ...table([{ head: 'service' }, { head: 'address' }, { head: 'try' }], rows),
    '',
    `anchor ${card.anchor}`,
  ];
}
