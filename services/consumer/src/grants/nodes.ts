import { CausewayError, type DirectoryView } from '@causeway/protocol';

/** Who may hold a grant of one redemption. */
export interface Holders {
  /** The bureaus that the consent names. */
  readonly bureaus: readonly string[];
  /** The broker that presents the inquiry. */
  readonly presenter: string;
}

/**
 * The nodes that get a grant: the named ones, or all bureaus of the consent and the broker. Bureaus that are
 * suspended or gone get none. Throws `bad_request` for a node that the consent does not name, and
 * `member_suspended` where none of the named ones may hold a grant now.
 */
export function nodesFor(
  named: readonly string[] | undefined,
  holders: Holders,
  directory: DirectoryView,
): string[] {
  const { bureaus, presenter } = holders;
  const possible = new Set([...bureaus, presenter]);
  if (named?.some((node) => !possible.has(node))) {
    throw new CausewayError('bad_request', {
      detail: 'nodes: bureaus of the consent, or the presenter itself.',
    });
  }
  const active = [...(named ?? possible)].filter(
    (node) => node === presenter || isActiveBureau(node, directory),
  );
  if (active.length === 0) throw new CausewayError('member_suspended');
  return active;
}

function isActiveBureau(node: string, directory: DirectoryView): boolean {
  const entry = directory.member(node);
  return entry?.status === 'active' && entry.roles.includes('bureau');
}
