import { fsckLedgers } from '@causeway/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';

/** Proves ledgers anew, and names what was tampered with. */
export async function run(
  context: CommandContext,
  _args: string[],
  options: Record<string, string> = {},
): Promise<number> {
  const { url, ...trust } = options;
  if (url === undefined) return await ownLedgers(context);
  const { auditAt } = await import('../audit-at.ts');
  return await auditAt(context, url, trust);
}

/** Every ledger of the local federation, from its database. */
async function ownLedgers({ terminal, home }: CommandContext): Promise<number> {
  const ledgers = await fsckLedgers(home);
  const sound = ledgers.every(({ findings }) => findings.length === 0);
  terminal.object({ sound, ledgers });
  for (const { member, findings } of ledgers) {
    if (findings.length === 0) terminal.line(`${member}: the whole ledger proves itself`);
    for (const { what, at, detail } of findings) terminal.line(`${member}: ${what} ${at} ${detail}`);
  }
  return sound ? EXIT.ok : EXIT.unverified;
}
