import { Clients, agree, sandboxSubject, usualTerms } from '@causeway/sandbox';
import { revocationNonce } from '@causeway/sdk';
import { categoriesOf } from '../category-list.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';

/** Acts for a sandbox person at the consumer service: grants a lender a consent, or revokes one. */
export async function run(
  { terminal, home }: CommandContext,
  [act]: string[],
  options: Record<string, string>,
): Promise<number> {
  const clients = Clients.open(home);
  const subject = sandboxSubject(options['person'] ?? '');
  if (act === 'grant') {
    const lender = clients.lender(options['lender'] ?? 'abc-bank');
    const asked = categoriesOf(options['categories']);
    const terms = usualTerms(clients.card.bureaus, Number(options['uses']), asked);
    const { id, digest } = await agree(clients, lender, subject, terms);
    terminal.object({ id, digest });
    terminal.line(`consent ${id}\ndigest  ${digest}`);
    return EXIT.ok;
  }
  if (act === 'revoke' && options['consent']) {
    const token = await clients.idToken(subject, revocationNonce(options['consent']));
    const { revokedAt } = await clients.subject().revoke(options['consent'], token);
    terminal.object({ id: options['consent'], revoked_at: revokedAt });
    terminal.line(`revoked at ${revokedAt}`);
    return EXIT.ok;
  }
  process.stderr.write(
    'usage: causeway consent grant --person <id>, or consent revoke --person <id> --consent <id>\n',
  );
  return EXIT.usage;
}
