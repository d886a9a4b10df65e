import { fsckLedgers } from '@causeway/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';

/** Proves every ledger of the local federation anew, and names what was tampered with. */
export async function run({ terminal, home }: CommandContext): Promise<number> {
  const ledgers = await fsckLedgers(home);
  const sound = ledgers.every(({ findings }) => findings.length === 0);
  terminal.object({ sound, ledgers });
  for (const { member, findings } of ledgers) {
    if (findings.length === 0) terminal.line(`${member}: the whole ledger proves itself`);
    for (const { what, at, detail } of findings) terminal.line(`${member}: ${what} ${at} ${detail}`);
  }
  return sound ? EXIT.ok : EXIT.unverified;
}
