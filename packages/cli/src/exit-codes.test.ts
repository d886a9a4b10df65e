import { CausewayError, LedgerError } from '@causeway/sdk';
import { expect, test } from 'vitest';
import { EXIT, exitCodeOf } from './exit-codes.ts';

test('refused, unreachable and unverified leave different exit codes', () => {
  expect(exitCodeOf(new CausewayError('consent_revoked'))).toBe(EXIT.refused);
  expect(exitCodeOf(new CausewayError('unavailable'))).toBe(EXIT.unreachable);
  expect(exitCodeOf(new CausewayError('link_mismatch'))).toBe(EXIT.unverified);
  expect(exitCodeOf(new CausewayError('anchor_mismatch'))).toBe(EXIT.unverified);
  expect(exitCodeOf(new CausewayError('evidence_invalid'))).toBe(EXIT.unverified);
  expect(exitCodeOf(new LedgerError('proof_invalid'))).toBe(EXIT.unverified);
});

test('an error that is none of ours is a failure, not a refusal', () => {
  expect(exitCodeOf(new TypeError('x is not a function'))).toBe(EXIT.failed);
});
