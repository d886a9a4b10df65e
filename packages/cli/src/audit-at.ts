import { Clients } from '@causeway/sandbox';
import {
  CausewayError,
  type Digest,
  type DirectoryView,
  LedgerError,
  type LedgerAudit,
  type LedgerTrust,
  auditLedger,
  ledgerAt,
  ledgerTrust,
} from '@causeway/sdk';
import { EXIT } from './exit-codes.ts';
import { directoryAtHand } from './kept-directory-file.ts';
import { percent } from './local-file.ts';
import type { CommandContext } from './main.ts';
import { SeenTrees } from './seen-trees.ts';

/** How the served tree stands to the one that this machine saw last; undefined where it was not compared. */
type Against = Awaited<ReturnType<SeenTrees['compare']>>['against'] | undefined;

/**
 * Proves a ledger anew from what its node serves to everybody, by the keys of the directory: that of this
 * folder, or with `anchor` that of any authority. What proves itself is compared with the tree that this
 * machine saw last, and kept.
 */
export async function auditAt(
  context: CommandContext,
  url: string,
  options: Record<string, string>,
): Promise<number> {
  const { terminal } = context;
  const baseUrl = url.replace(/\/+$/u, '').replace(/\/ledger$/u, '');
  const view = await viewOf(context, options);
  const member = options['ledger'] ?? ledgerAt(view, baseUrl);
  if (member === undefined)
    throw new RangeError('no member of the directory listens there: say whose ledger it is with --ledger');
  const trust = ledgerTrust(view, member);
  const onProgress = (leaves: number, size: number): void =>
    terminal.progress(`${member}: ${percent(leaves, size)} of ${size} leaves`);
  const audit = await auditLedger(baseUrl, trust, { onProgress });
  terminal.progress('');
  const { against, findings } = await comparedWithSeen(context, audit, { trust, baseUrl });
  const { ledger, size, witnesses } = audit;
  const sound = findings.length === 0;
  terminal.object({ sound, ledger, size, witnesses, against, findings });
  for (const { what, at, detail } of findings) terminal.line(`${ledger}: ${what} ${at} ${detail}`);
  if (sound) {
    terminal.line(`${ledger}: all ${size} leaves prove themselves, witnessed by ${witnesses.join(', ')}`);
    terminal.line(saidOf(against));
  }
  return sound ? EXIT.ok : EXIT.unverified;
}

async function viewOf({ home }: CommandContext, options: Record<string, string>): Promise<DirectoryView> {
  const { anchor, authority } = options;
  if (anchor === undefined) return await directoryAtHand(Clients.open(home));
  if (authority === undefined)
    throw new RangeError('--anchor needs the URL of the authority, as --authority');
  const card = { anchor: anchor as Digest, urls: { authority }, bureaus: [], lenders: [] };
  return await new Clients(home, card).directory().view();
}

/** Only a tree that proves itself is kept: another one would speak against the node for ever. */
async function comparedWithSeen(
  { home }: CommandContext,
  audit: LedgerAudit,
  { trust, baseUrl }: { trust: LedgerTrust; baseUrl: string },
): Promise<{ against: Against; findings: LedgerAudit['findings'] }> {
  if (audit.findings.length > 0) return { against: undefined, findings: audit.findings };
  try {
    const { against } = await new SeenTrees(home).compare([audit], trust, baseUrl);
    return { against, findings: [] };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const detail = `is not one ledger with the checkpoint that this machine saw before: ${error.code}`;
    return { against: undefined, findings: [{ what: 'checkpoint', at: `${audit.size}`, detail }] };
  }
}

function saidOf(against: Against): string {
  if (against === 'grown' || against === 'same')
    return 'It goes on from the tree that this machine saw last.';
  if (against === 'older') return 'This machine has seen a larger tree of it, which begins with this one.';
  if (against === 'first') return 'This machine sees it for the first time.';
  throw new CausewayError('unavailable', { detail: 'the node did not show how its ledger has grown' });
}
