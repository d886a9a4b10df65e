import { LedgerError, canBeProven, entryOf, isProven } from '@causeway/ledger';
import { CausewayError, type DirectoryView, additions, digestOf } from '@causeway/protocol';
import { send } from './http.ts';
import { type LedgerTrust, ledgerTrust } from '@causeway/protocol/ledger-trust';

/**
 * Whether an offered directory may take the place of the one held (protocol, section 6): it only takes away,
 * or the ledger of the authority shows it, as judged by the keys and witnesses that the held one lists. While
 * those can be no quorum, no proof can be asked for; one that leaves too few of them never may.
 *
 * @throws CausewayError `directory_invalid` for a proof that no honest authority would send
 */
export async function mayReplace(
  held: DirectoryView,
  offered: DirectoryView,
  authorityUrl: string,
): Promise<boolean> {
  const judges = judgesIn(held);
  if (judges === undefined) return true;
  if (judgesIn(offered) === undefined) return false;
  return additions(held, offered).length === 0 || (await isShown(offered, judges, authorityUrl));
}

function judgesIn(view: DirectoryView): LedgerTrust | undefined {
  const authority = view.membersWith('authority').find(({ ledger_key }) => ledger_key !== undefined);
  const judges = authority && ledgerTrust(view, authority.id);
  return judges && canBeProven(judges) ? judges : undefined;
}

async function isShown(
  { evidence }: DirectoryView,
  judges: LedgerTrust,
  authorityUrl: string,
): Promise<boolean> {
  const digest = digestOf(evidence.head);
  try {
    const { text } = await send({
      method: 'GET',
      url: `${authorityUrl}/ledger/proof/${encodeURIComponent(digest)}`,
    });
    return isProven(text, entryOf(digest), judges);
  } catch (error) {
    if (error instanceof CausewayError && NO_PROOF_YET.has(error.code)) return false;
    if (!(error instanceof LedgerError)) throw error;
    throw new CausewayError('directory_invalid', {
      detail: `The proof of the directory does not hold. ${error.publicDetail}`,
      cause: error,
    });
  }
}

/** What an authority says, or what is said of it, that has none to show at the moment. */
const NO_PROOF_YET = new Set<string>(['not_found', 'unavailable', 'not_ready', 'internal', 'rate_limited']);
