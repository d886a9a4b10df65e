import type { Kysely } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import { type Finding, type Reading, judgeInquiry } from './pairing.ts';
import { type Judged, dueInquiries, legsOf, storeJudgements } from './repository.ts';

const batchMax = 500;
/** Batches in one round; what is left is judged in the next. */
const batchesMax = 20;
/** An inquiry that waits for a ledger is looked at again so much later. */
const againMs = 1500;

/** Judges every inquiry that is due, and returns what was not found before, and what is found no more. */
export async function judgeDue(
  db: Kysely<AuthorityTables>,
  reading: Reading,
  nowMs: number,
): Promise<{ found: Finding[]; closed: Finding[] }> {
  const [found, closed]: [Finding[], Finding[]] = [[], []];
  for (let batch = 0; batch < batchesMax; batch += 1) {
    const due = await dueInquiries(db, nowMs, batchMax);
    if (due.length === 0) break;
    const legs = await legsOf(
      db,
      due.map(({ inquiry }) => inquiry),
    );
    const findings: Finding[] = [];
    const judged = due.map(({ inquiry, version }): Judged => {
      const { findings: wrong, paired, waiting } = judgeInquiry(legs.get(inquiry) ?? [], reading);
      findings.push(...wrong);
      return { inquiry, version, paired, dueMs: waiting > 0 ? nowMs + againMs : null };
    });
    const told = await storeJudgements(db, judged, { findings, nowMs });
    found.push(...told.found);
    closed.push(...told.closed);
  }
  return { found, closed };
}
