import type { TSchema } from 'typebox';
import { limits } from '@causeway/kernel';
import { schemaCheck, type SchemaCheck } from './schema-check.ts';
import { ackSchema, type Ack } from './statements/ack.ts';
import { assistanceRules, assistanceSchema, type Assistance } from './statements/assistance.ts';
import { batchRules, batchSchema, type Batch } from './statements/batch.ts';
import { consentRules, consentSchema, type Consent } from './statements/consent.ts';
import { correctionSchema, type Correction } from './statements/correction.ts';
import { directoryRules, directorySchema, type Directory } from './statements/directory.ts';
import { disclosureRules, disclosureSchema, type Disclosure } from './statements/disclosure.ts';
import { disputeRules, disputeSchema, type DisputeStatement } from './statements/dispute.ts';
import { enrolmentRules, enrolmentSchema, type Enrolment } from './statements/enrolment.ts';
import { erasureSchema, type Erasure } from './statements/erasure.ts';
import { grantRules, grantSchema, type Grant } from './statements/grant.ts';
import { handlingRules, handlingSchema, type Handling } from './statements/handling.ts';
import { inquiryRules, inquirySchema, type Inquiry } from './statements/inquiry.ts';
import { mandateRules, mandateSchema, type Mandate } from './statements/mandate.ts';
import { refusalSchema, type Refusal } from './statements/refusal.ts';
import { reportRules, reportSchema, type Report } from './statements/report.ts';
import { statusRules, statusSchema, type Status } from './statements/status.ts';

interface Claims {
  consent: Consent;
  inquiry: Inquiry;
  grant: Grant;
  disclosure: Disclosure;
  report: Report;
  refusal: Refusal;
  status: Status;
  ack: Ack;
  batch: Batch;
  dispute: DisputeStatement;
  handling: Handling;
  correction: Correction;
  enrolment: Enrolment;
  mandate: Mandate;
  assistance: Assistance;
  erasure: Erasure;
  directory: Directory;
}

export type StatementType = keyof Claims;

/** The claims of a statement of type T, checked. */
export type ClaimsOf<T extends StatementType> = Claims[T];

/** What a member does in the federation. A member may have several roles. */
export type Role = 'authority' | 'consumer' | 'broker' | 'bureau' | 'lender';

interface StatementRow<T extends StatementType> {
  readonly schema: TSchema;
  readonly check: SchemaCheck<Claims[T]>;
  /** Roles that may sign it. */
  readonly signers: readonly Role[];
  /** How far `iat` may be from now, either way, where it is first received from its issuer; seconds. */
  readonly window: number;
  /** Characters of the compact form. */
  readonly bytesMax: number;
}

const [short, usual, composed] = [2, 60, 600];
const small = limits.statementBytesMax;

/** Everything that depends on the type of a statement: one row each. The type decides, never the content. */
export const statementTypes: { readonly [T in StatementType]: StatementRow<T> } = {
  consent: {
    schema: consentSchema,
    check: schemaCheck(consentSchema, consentRules),
    signers: ['consumer'],
    window: composed,
    bytesMax: small,
  },
  inquiry: {
    schema: inquirySchema,
    check: schemaCheck(inquirySchema, inquiryRules),
    signers: ['lender', 'consumer', 'authority'],
    window: usual,
    bytesMax: small,
  },
  grant: {
    schema: grantSchema,
    check: schemaCheck(grantSchema, grantRules),
    signers: ['consumer'],
    window: short,
    bytesMax: small,
  },
  disclosure: {
    schema: disclosureSchema,
    check: schemaCheck(disclosureSchema, disclosureRules),
    signers: ['bureau'],
    window: usual,
    bytesMax: limits.disclosureBytesMax,
  },
  report: {
    schema: reportSchema,
    check: schemaCheck(reportSchema, reportRules),
    signers: ['broker'],
    window: usual,
    bytesMax: limits.reportBytesMax,
  },
  refusal: {
    schema: refusalSchema,
    check: schemaCheck(refusalSchema),
    signers: ['broker', 'consumer', 'bureau'],
    window: usual,
    bytesMax: small,
  },
  status: {
    schema: statusSchema,
    check: schemaCheck(statusSchema, statusRules),
    signers: ['consumer'],
    window: short,
    bytesMax: small,
  },
  ack: {
    schema: ackSchema,
    check: schemaCheck(ackSchema),
    signers: ['broker', 'bureau', 'consumer'],
    window: short,
    bytesMax: small,
  },
  batch: {
    schema: batchSchema,
    check: schemaCheck(batchSchema, batchRules),
    signers: ['bureau'],
    window: usual,
    bytesMax: small,
  },
  dispute: {
    schema: disputeSchema,
    check: schemaCheck(disputeSchema, disputeRules),
    signers: ['consumer'],
    window: usual,
    bytesMax: small,
  },
  handling: {
    schema: handlingSchema,
    check: schemaCheck(handlingSchema, handlingRules),
    signers: ['bureau'],
    window: usual,
    bytesMax: small,
  },
  correction: {
    schema: correctionSchema,
    check: schemaCheck(correctionSchema),
    signers: ['consumer'],
    window: usual,
    bytesMax: small,
  },
  enrolment: {
    schema: enrolmentSchema,
    check: schemaCheck(enrolmentSchema, enrolmentRules),
    signers: ['consumer'],
    window: usual,
    bytesMax: small,
  },
  mandate: {
    schema: mandateSchema,
    check: schemaCheck(mandateSchema, mandateRules),
    signers: ['consumer'],
    window: usual,
    bytesMax: small,
  },
  erasure: {
    schema: erasureSchema,
    check: schemaCheck(erasureSchema),
    signers: ['consumer'],
    window: usual,
    bytesMax: small,
  },
  assistance: {
    schema: assistanceSchema,
    check: schemaCheck(assistanceSchema, assistanceRules),
    signers: ['lender'],
    window: usual,
    bytesMax: small,
  },
  directory: {
    schema: directorySchema,
    check: schemaCheck(directorySchema, directoryRules),
    signers: ['authority'],
    window: usual,
    bytesMax: limits.directoryBytesMax,
  },
};

/** True for a statement type of this version of the protocol. */
export function isStatementType(text: string): text is StatementType {
  return Object.hasOwn(statementTypes, text);
}

/**
 * The statement types that a member of these roles may sign, for the `use` of its keys. `directory` is never
 * among them: that key is named by the root file alone.
 */
export function statementUses(roles: readonly Role[]): StatementType[] {
  return Object.entries(statementTypes)
    .filter(([type, row]) => type !== 'directory' && row.signers.some((role) => roles.includes(role)))
    .map(([type]) => type)
    .filter(isStatementType);
}

/** The `typ` of the JWS header. */
export const typOf = (type: StatementType): string => `causeway-${type}+jws`;
