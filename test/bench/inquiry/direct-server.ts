import { fastify } from 'fastify';
import pg from 'pg';

/**
 * The baseline's bureau, a process of its own: `node direct-server.ts <database url>`. It answers
 * `GET /subjects/<reference>/records` with the records of the same store, unsigned, unlogged and without a
 * consent, as a plain internal service would.
 */
const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });
const records = {
  name: 'records_of',
  text: `SELECT record.body FROM subject LEFT JOIN record USING (subject_ref)
    WHERE subject.subject_ref = $1 ORDER BY record.record, record.source_record_id LIMIT 2001`,
};

const app = fastify();
app.get<{ Params: { ref: string } }>('/subjects/:ref/records', async (request, reply) => {
  const { rows } = await pool.query<{ body: string }>({ ...records, values: [request.params.ref] });
  return reply.type('application/json').send(`{"records":[${rows.map(({ body }) => body).join(',')}]}`);
});
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
