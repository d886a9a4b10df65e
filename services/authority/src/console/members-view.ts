import type { DirectoryView } from '@causeway/protocol/directory';
import { membersIn } from '@causeway/protocol/directory';
import { thumbprint } from '@causeway/protocol/keys';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { NodeKeys } from '@causeway/service/node-keys';
import { type Kysely, sql } from 'kysely';
import type { AuthorityTables } from '../tables.ts';

interface Options {
  readonly db: Kysely<AuthorityTables>;
  readonly directory: { view(): DirectoryView };
  readonly held: NodeKeys['held'];
}

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Every member as the directory in force lists it, with the time from which its entry says so and the ends of
 * its certificates and keys. Nothing here is about a person.
 */
export async function membersView({ db, directory, held }: Options) {
  const view = directory.view();
  const { rows } = await sql<{ member: string; first_ms: number; status_ms: number }>`
    SELECT m.id AS member, min(e.at_ms) AS first_ms, max(e.at_ms) FILTER (WHERE e.changed) AS status_ms
      FROM member m JOIN (
        SELECT member, at_ms, (body::jsonb ->> 'status') IS DISTINCT FROM
          lag(body::jsonb ->> 'status') OVER (PARTITION BY member ORDER BY at_ms) AS changed
        FROM member_entry) e ON e.member = m.id
      GROUP BY m.id`.execute(db);
  const times = new Map(rows.map((row) => [row.member, row]));
  const ends = await certificateEnds(db, held);
  return {
    directory: { version: view.version, expires_at: iso(view.expiresAtMs) },
    items: membersIn(view).map((entry) => {
      const { first_ms, status_ms } = times.get(entry.id) ?? {};
      return {
        ...shown(entry, ends),
        ...(first_ms === undefined ? {} : { member_since: iso(Number(first_ms)) }),
        ...(status_ms === undefined ? {} : { status_since: iso(Number(status_ms)) }),
      };
    }),
  };
}

/** Ends by thumbprint: of what was issued, and of the authority's own, which the ceremony made. */
async function certificateEnds(db: Options['db'], held: Options['held']): Promise<Map<string, number>> {
  const rows = await db.selectFrom('certificate').select(['thumbprint', 'not_after_ms']).execute();
  const own = held().pairs.map((pair) => [pair.thumbprint, pair.notAfterMs] as const);
  return new Map([...own, ...rows.map((row) => [row.thumbprint, Number(row.not_after_ms)] as const)]);
}

function shown(entry: MemberEntry, ends: ReadonlyMap<string, number>) {
  const { id, jurisdiction, legal_name, legal_name_zh, roles, staff, status } = entry;
  return {
    ...{ id, legal_name, ...(legal_name_zh === undefined ? {} : { legal_name_zh }) },
    ...{ roles, class: entry.class, jurisdiction, status },
    certificates: entry.certificates.map((print) => {
      const endMs = ends.get(print);
      return { thumbprint: print, ...(endMs === undefined ? {} : { until: iso(endMs) }) };
    }),
    keys: entry.keys.map(({ jwk, retired_at, revoked_at, use }) => ({
      ...{ kid: thumbprint(jwk), use },
      ...(retired_at === undefined ? {} : { retired_at: iso(retired_at * 1000) }),
      ...(revoked_at === undefined ? {} : { revoked_at: iso(revoked_at * 1000) }),
    })),
    ...(staff === undefined ? {} : { staff: { issuer: staff.issuer, roles: staff.roles } }),
  };
}
