import { writeFile } from 'node:fs/promises';
import { Clients, agree, inquireUnder, sandboxSubject, usualTerms } from '@causeway/sandbox';
import { type Purpose, purposeCodes, verifyEvidence } from '@causeway/sdk';
import { categoriesOf } from '../category-list.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { nativeLines, nativeRows } from '../views/native-view.ts';
import { reportLines } from '../views/report-view.ts';

/** Asks about a sandbox person. Without a consent the person is asked first, and approves. */
export async function run(
  { terminal, home }: CommandContext,
  _args: string[],
  options: Record<string, string>,
): Promise<number> {
  const clients = Clients.open(home);
  const subject = sandboxSubject(options['person'] ?? '');
  const lender = clients.lender(options['lender'] ?? 'abc-bank');
  const asked = categoriesOf(options['categories']);
  const terms = { ...usualTerms(clients.card.bureaus, 1, asked), purpose: purposeOf(options['purpose']) };
  const agreed = await consentFor();
  const delivered = await inquireUnder(lender, agreed, terms, {
    onChange: (view) =>
      terminal.step(`${view.state} ${view.bureaus.map((b) => `${b.bureau}:${b.state}`).join(' ')}`),
  });
  const { claims, digest } = delivered.report;
  if (options['out']) await keepEvidence(options['out']);
  const { manifest, exposure, merged } = claims;
  const native = options['native'] === undefined ? {} : { native: nativeRows(claims) };
  terminal.object({ inquiry: delivered.id, report: digest, manifest, exposure, merged, ...native });
  for (const line of reportLines(claims)) terminal.line(line);
  if (native.native) for (const line of ['', ...nativeLines(native.native)]) terminal.line(line);
  return claims.exposure.lower_bound ? EXIT.partial : EXIT.ok;

  async function keepEvidence(file: string): Promise<void> {
    const bundle = await lender.evidence(delivered.id);
    await writeFile(file, bundle);
    for (const { issuer, type } of verifyEvidence(bundle, clients.card.anchor).unproven) {
      terminal.step(`the evidence is without proof yet of the ${type} of ${issuer}`);
    }
  }

  async function consentFor() {
    const given = options['consent'];
    if (given === undefined) return agree(clients, lender, subject, terms);
    const [subjectRef = ''] = await lender.subjectRefs([subject.identifier]);
    return { id: '', digest: given as `sha-256:${string}`, subjectRef };
  }
}

function purposeOf(text = 'LOAN_APPROVAL'): Purpose {
  const purpose = purposeCodes.find((code) => code === text);
  if (!purpose) throw new Error(`${text} is no purpose; one of ${purposeCodes.join(', ')}`);
  return purpose;
}
