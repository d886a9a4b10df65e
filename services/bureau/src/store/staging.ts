import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** A column of a staging table and what a row puts into it; bigint as a safe integer. */
interface StagedColumn<R> {
  readonly name: string;
  readonly type: 'text' | 'int' | 'bigint' | 'boolean';
  readonly of: (row: R) => string | number | boolean | null;
}

/** A table in which one transaction collects rows before it stores them: each connection has its own. */
export interface StagingTable<R> {
  readonly name: string;
  readonly columns: readonly StagedColumn<R>[];
}

/** Rows that are encoded in one go; what waits for the process waits for no more than them. */
const rowsAtOnce = 256;

/**
 * Puts rows into a staging table by binary COPY, in their order, in the caller's transaction. The table stays
 * with the connection and is empty again after the transaction: making one for each chunk would write the
 * catalogue, and have every statement that reads it planned anew. @throws RangeError for a number that is no
 * integer of its column
 */
export async function stageRows<R>(
  client: pg.PoolClient,
  table: StagingTable<R>,
  rows: readonly R[],
): Promise<void> {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  await client.query(`CREATE TEMPORARY TABLE IF NOT EXISTS ${table.name} (${columns}) ON COMMIT DELETE ROWS`);
  await copyRows(client, table, rows);
}

/**
 * Puts rows into a table by binary COPY, in their order, in the caller's transaction. @throws RangeError for
 * a number that is no integer of its column
 */
export async function copyRows<R>(
  client: pg.PoolClient,
  table: StagingTable<R>,
  rows: readonly R[],
): Promise<void> {
  const names = table.columns.map(({ name }) => name).join(', ');
  const stream = client.query(copyFrom(`COPY ${table.name} (${names}) FROM STDIN (FORMAT binary)`));
  const finished = once(stream, 'finish');
  // Its failure is thrown to who waits for it below, however early it comes.
  finished.catch(() => undefined);
  try {
    const out = new BinaryRows();
    for (let at = 0; at < rows.length; at += rowsAtOnce) {
      for (const row of rows.slice(at, at + rowsAtOnce)) out.add(table.columns, row);
      if (!stream.write(out.take())) await Promise.race([once(stream, 'drain'), finished]);
    }
    stream.end(out.end());
  } catch (error) {
    // Ends the COPY, which would hold up the connection's ROLLBACK for ever.
    stream.destroy(error instanceof Error ? error : undefined);
    throw error;
  }
  await finished;
}

function integer(value: string | number | boolean): number {
  if (!Number.isInteger(value)) throw new RangeError('not an integer');
  return Number(value);
}

/** "PGCOPY\n\377\r\n\0", no flags, no extension. */
const header = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const bytesAtOnce = 524_288;
/** UTF-8 needs at most so many bytes for each UTF-16 unit. */
const bytesPerUnit = 3;

/** Rows in the binary format of COPY: no escapes to write, none to read. */
class BinaryRows {
  #buffer = Buffer.allocUnsafe(bytesAtOnce);
  #from = 0;
  #at = header.copy(this.#buffer);

  add<R>(columns: readonly StagedColumn<R>[], row: R): void {
    this.#reserve(2);
    this.#at = this.#buffer.writeInt16BE(columns.length, this.#at);
    for (const { of, type } of columns) this.#value(type, of(row));
  }

  /** What was added since the last call: a part of the buffer that is not written again. */
  take(): Buffer {
    const taken = this.#buffer.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return taken;
  }

  end(): Buffer {
    this.#reserve(2);
    this.#at = this.#buffer.writeInt16BE(-1, this.#at);
    return this.take();
  }

  #value(type: StagedColumn<unknown>['type'], value: string | number | boolean | null): void {
    this.#reserve(12);
    if (value === null) this.#at = this.#buffer.writeInt32BE(-1, this.#at);
    else if (type === 'text') this.#text(String(value));
    else if (type === 'int') this.#fixed(4, (at) => this.#buffer.writeInt32BE(integer(value), at));
    else if (type === 'bigint') this.#fixed(8, (at) => this.#buffer.writeBigInt64BE(BigInt(value), at));
    else this.#fixed(1, (at) => this.#buffer.writeUInt8(value === true ? 1 : 0, at));
  }

  #fixed(length: number, write: (at: number) => number): void {
    this.#at = write(this.#buffer.writeInt32BE(length, this.#at));
  }

  #text(text: string): void {
    this.#reserve(4 + text.length * bytesPerUnit);
    const written = this.#buffer.write(text, this.#at + 4, 'utf8');
    this.#buffer.writeInt32BE(written, this.#at);
    this.#at += 4 + written;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const begun = this.#at - this.#from;
    const next = Buffer.allocUnsafe(Math.max(bytesAtOnce, 2 * (begun + bytes)));
    this.#buffer.copy(next, 0, this.#from, this.#at);
    [this.#buffer, this.#from, this.#at] = [next, 0, begun];
  }
}
