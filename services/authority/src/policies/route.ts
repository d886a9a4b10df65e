import { NATIONAL_POLICY, policyText } from '@causeway/policy';
import { sha256Digest } from '@causeway/protocol/digest';
import { statementTypes } from '@causeway/protocol/statement-types';
import type { App } from '@causeway/service/app';

/** The rules in force and the shapes of statements, for anyone to read. */
export function policyRoutes(app: App): void {
  const policies = {
    version: NATIONAL_POLICY.version,
    digest: sha256Digest(policyText(NATIONAL_POLICY)),
    policy: NATIONAL_POLICY,
  };
  const statements = Object.entries(statementTypes).map(([type, { schema, signers, window }]) => ({
    type,
    schema,
    signers,
    window_s: window,
  }));
  app.get('/policies', { schema: { tags: ['policy'] } }, async () => policies);
  app.get('/schemas', { schema: { tags: ['policy'] } }, async () => ({ v: 1, statements }));
}
