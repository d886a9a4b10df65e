import { CausewayError } from '@causeway/protocol';
import type { DirectoryView, Role } from '@causeway/protocol';

/** @throws CausewayError role_not_permitted */
export function requireRole(view: DirectoryView, peer: string, role: Role): void {
  if (!view.member(peer)?.roles.includes(role)) throw new CausewayError('role_not_permitted');
}
