import type { DirectoryView } from '@causeway/protocol';
import { lifeRulesOf } from '@causeway/records/life/index';
import type { LifeRules } from '@causeway/records/life/index';

/**
 * The rules of the place where the directory says that this bureau is; the nation's where it does not say.
 * @throws CausewayError `not_ready` where there is no directory
 */
export function rulesHere(directory: { view(): DirectoryView }, me: string): () => LifeRules {
  return () => lifeRulesOf(directory.view().member(me)?.jurisdiction ?? 'CN');
}
