import { chain } from './chain.fixture.ts';
import { context, keyOf, signRaw } from './federation.fixture.ts';
import { isStatementType, statementTypes, typOf } from './statement-types.ts';
import { verify, type VerifyContext } from './verify.ts';

/** All statement types, and those that members sign. */
export const types = Object.keys(statementTypes).filter(isStatementType);
export const memberTypes = types.filter((type) => type !== 'directory');

/** Those that name whom they are for. */
export const addressedTypes = memberTypes.filter((type) => type !== 'batch' && type !== 'enrolment');

/** A good inquiry, to be spoilt by one change at a time. */
export const claims = chain.inquiry.claims;
export const header = { typ: typOf('inquiry'), alg: 'Ed25519', kid: keyOf('abc-bank').kid };

/** Validly signed by the lender, whatever it says. */
export const raw = (payload: unknown, top?: object): string =>
  signRaw('abc-bank', 'inquiry', top ? { header: top, payload } : { payload });

/** As the broker receives it. */
export const inquiryTo = (jws: string, change: Partial<VerifyContext> = {}) =>
  verify('inquiry', jws, context('broker', change));
