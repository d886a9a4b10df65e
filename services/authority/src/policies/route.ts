import { NATIONAL_POLICY, policyText } from '@causeway/policy';
import { sha256Digest } from '@causeway/protocol/digest';
import type { App } from '@causeway/service/app';

/** The rules in force, for anyone to read. */
export function policyRoutes(app: App): void {
  const policies = {
    version: NATIONAL_POLICY.version,
    digest: sha256Digest(policyText(NATIONAL_POLICY)),
    policy: NATIONAL_POLICY,
  };
  app.get('/policies', { schema: { tags: ['policy'] } }, async () => policies);
}
