import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** Programs that run as processes of their own, and what each is made of. */
export const programSources = {
  authority: 'services/authority/src/main.ts',
  ceremony: 'services/authority/src/ceremony.ts',
  'directory-signer': 'services/authority/src/directory-signer.ts',
  'certificate-issuer': 'services/authority/src/certificate-issuer.ts',
  'blind-evaluator': 'services/authority/src/blind-evaluator.ts',
  consumer: 'services/consumer/src/main.ts',
  broker: 'services/broker/src/main.ts',
  bureau: 'services/bureau/src/main.ts',
  'curve-worker': 'packages/service/src/curve-worker.ts',
  fsck: 'packages/member/src/ledger/fsck-program.ts',
} as const;

/**
 * The file that Node runs for a program: what set-up has made of it, in the folder that it names in
 * CAUSEWAY_PROGRAMS, or else its source. The sandbox starts services as processes and never imports them.
 */
export function programFile(name: keyof typeof programSources): string {
  const built = process.env['CAUSEWAY_PROGRAMS'];
  return built === undefined ? join(ROOT, programSources[name]) : join(built, `${name}.js`);
}
