import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What a service has done and seen, and must never be able to unsay. */
const logged = [
  'leaf',
  'ledger_tile',
  'ledger_checkpoint',
  'ledger_cosignature',
  'ledger_alarm',
  'ledger_alarm_closed',
  'once_key',
];
const services: [string, string[]][] = [
  ['authority', [...logged, 'opening', 'reconciliation_alarm', 'reconciliation_alarm_closed']],
  ['broker', [...logged, 'inquiry_round', 'inquiry_disclosure', 'inquiry_report']],
  ['consumer', [...logged, 'access', 'consent_use', 'refusal']],
  ['bureau', [...logged, 'record_version']],
];
const forbidden = { code: '42501' };

describe.each(services)('S60 with the credentials of the %s service', (service, tables) => {
  let server: TestDatabase;
  let database: Database<unknown>;

  beforeAll(async () => {
    server = await testDatabase({ migrations: service });
    const log = createLog({ name: 'test', level: 'silent' });
    database = createDatabase({ url: server.url, name: 'test', log });
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });
  const ask = async (text: string) => await database.pool.query<Record<string, unknown>>(text);

  test.each(tables)('%s is only added to', async (table) => {
    const { rows } = await ask(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { name } of rows)
      await expect(ask(`UPDATE ${table} SET "${String(name)}" = DEFAULT`)).rejects.toMatchObject(forbidden);
    await expect(ask(`DELETE FROM ${table}`)).rejects.toMatchObject(forbidden);
    await expect(ask(`TRUNCATE ${table}`)).rejects.toMatchObject(forbidden);
  });

  test('nobody administers: no table, trigger, right or role is its own to change', async () => {
    const owner = new URL(server.ownerUrl).username;
    for (const text of [
      'DROP TABLE leaf',
      'ALTER TABLE leaf DISABLE TRIGGER ALL',
      'DROP INDEX leaf_one_per_digest',
      'CREATE TRIGGER t BEFORE INSERT ON leaf EXECUTE FUNCTION suppress_redundant_updates_trigger()',
      'CREATE RULE r AS ON INSERT TO leaf DO INSTEAD NOTHING',
      'CREATE INDEX i ON leaf (typ)',
      `SET ROLE ${owner}`,
      'SET session_replication_role = replica',
      'CREATE ROLE another',
    ])
      await expect(ask(text)).rejects.toMatchObject(forbidden);
    // What one may not pass on, one passes on to nobody.
    await ask('GRANT UPDATE ON leaf TO causeway_app').catch(() => undefined);
    const { rows } = await ask(
      `SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
          has_table_privilege(current_user, 'leaf', 'UPDATE') AS may_update,
          pg_has_role(current_user, '${owner}', 'member') AS owns
        FROM pg_roles WHERE rolname = current_user`,
    );
    expect(new Set(Object.values(rows[0] ?? { none: true }))).toEqual(new Set([false]));
  });
});
