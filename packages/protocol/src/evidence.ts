import { digestOf, type Digest } from './digest.ts';
import type { DirectoryView } from './directory.ts';
import { checkEvidenceBundle, type EvidenceBundle } from './evidence-bundle.ts';
import { directoriesIn, keysAt, skew_s, type Needed } from './evidence-directories.ts';
import { newestFingerprint, rootsIn } from './evidence-roots.ts';
import { witnessTimes, type WitnessTimes } from './evidence-leaves.ts';
import { checkChain, checkTimes, type EvidenceStatements } from './evidence-links.ts';
import { passkeyShown } from './evidence-passkey.ts';
import { issuedAt, statementsIn, type LeafedStatement } from './evidence-statements.ts';
import { CausewayError } from './errors.ts';
import type { KeyLookup } from './key-lookup.ts';
import { entryDigest } from './member-entry.ts';
import type { ClaimsOf, StatementType } from './statement-types.ts';
import type { Directory } from './statements/directory.ts';
import { readUnverified, verify, type Verified } from './verify.ts';

/** One step of the verification, in a word and in a sentence. */
interface EvidenceCheck {
  readonly name: string;
  /** False for what is not wrong, but not shown either. */
  readonly ok: boolean;
  readonly detail: string;
}

export interface EvidenceVerdict {
  /**
   * Without an anchor anybody could have made the whole federation up: the signer is unknown. `unproven`: a
   * statement has no proof that it is in a ledger, so nobody can say when it was signed.
   */
  readonly verdict: 'verified' | 'unproven' | 'consistent_signer_unknown';
  readonly checks: readonly EvidenceCheck[];
  /** What has no proof yet. */
  readonly unproven: readonly LeafedStatement[];
  /** For whoever checks further, as the SDK does by merging again. */
  readonly statements: EvidenceStatements;
  /** The texts that the verdict took, for whoever keeps a bundle: it needs no other. */
  readonly used: Pick<EvidenceBundle, 'heads' | 'entries'>;
}

interface EvidenceOptions {
  /** Fingerprint of any version of the federation's root file. */
  readonly anchor?: Digest;
  /** Root files that the reader has, oldest first: for a bundle that is older than its anchor. */
  readonly roots?: readonly unknown[];
}

/**
 * Checks an evidence bundle offline: roots under the anchor, directories under the root of their time, every
 * leaf in its ledger, every statement under the keys of the time at which witnesses first saw it, and every
 * link between them. Pure; the merge itself is for the SDK to repeat. Throws CausewayError with the code of
 * the first check that fails.
 *
 * A statement without a proof is judged by its own word of its time, and the verdict says so.
 */
export function verifyBundle(bundle: unknown, options: EvidenceOptions = {}): EvidenceVerdict {
  const checked = checkEvidenceBundle(bundle);
  const fingerprint = options.anchor ?? newestFingerprint(checked);
  const roots = rootsIn(checked, fingerprint, options.roots);
  const views = directoriesIn(checked, roots);
  const used = new Map<DirectoryView, Set<string>>();
  const needed: Needed = (view, member) => {
    used.set(view, (used.get(view) ?? new Set()).add(member));
  };
  const leafed = statementsIn(checked);
  const times = witnessTimes(checked, leafed, views, needed);
  const statements = verifyStatements(checked, { views, times, needed });
  checkChain(statements);
  checkTimes(statements);
  const { consent, enrolments } = statements;
  const shown = passkeyShown({ consent, enrolments, proof: checked.passkey, times }, views, needed);
  const unproven = leafed.filter(({ digest }) => !times.has(digest));
  return {
    verdict: verdictOf(options.anchor, unproven),
    checks: [
      check('root', `${options.anchor === undefined ? 'unanchored' : 'is the anchor'}, ${fingerprint}`),
      check('directories', `${String(views.length)} under the root of its time`),
      check('leaves', sentenceOf(times, checked.checkpoints.length, unproven), unproven.length === 0),
      check('signatures', signaturesSentence(statements)),
      ...(shown === undefined ? [] : [check('passkey', passkeySentence[`${shown}`], shown)]),
      check('links', 'each statement belongs to the ones it cites'),
      check('manifest', 'cites exactly the disclosures'),
      check('times', 'each statement was issued while it could be'),
    ],
    unproven,
    statements,
    used: textsOf(checked, used),
  };
}

const passkeySentence = {
  true: 'the passkey of the subject signed the consent',
  false: 'nothing here shows that a passkey signed the consent',
} as const;

const check = (name: string, detail: string, ok = true): EvidenceCheck => ({ name, ok, detail });

function verdictOf(
  anchor: Digest | undefined,
  { length: unproven }: readonly LeafedStatement[],
): EvidenceVerdict['verdict'] {
  if (anchor === undefined) return 'consistent_signer_unknown';
  return unproven === 0 ? 'verified' : 'unproven';
}

function sentenceOf(times: WitnessTimes, checkpoints: number, unproven: readonly LeafedStatement[]): string {
  const seconds = [...times.values()].toSorted((a, b) => a - b);
  const [first, last] = [seconds[0], seconds.at(-1)].map((s) => new Date((s ?? 0) * 1000).toISOString());
  const proven = `${String(times.size)} in their ledgers, under ${String(checkpoints)} checkpoints`;
  const seen = times.size === 0 ? '' : `, seen by enough witnesses from ${String(first)} to ${String(last)}`;
  const lacking = unproven.map(({ issuer, type }) => `${type} of ${issuer}`).join(', ');
  return `${proven}${seen}${lacking === '' ? '' : `; without proof yet: ${lacking}`}`;
}

function signaturesSentence({ disclosures, grants }: EvidenceStatements): string {
  return `${String(grants.length)} grants, ${String(disclosures.length)} disclosures, inquiry, report`;
}

interface Evidence {
  /** Newest first. */
  readonly views: readonly DirectoryView[];
  readonly times: WitnessTimes;
  readonly needed: Needed;
}

function verifyStatements(bundle: EvidenceBundle, evidence: Evidence): EvidenceStatements {
  const read = <T extends StatementType>(type: T, jws: string): Verified<ClaimsOf<T>> => {
    const time_s = evidence.times.get(digestOf(jws));
    if (time_s === undefined) return verifyUnproven(type, jws, bundle, evidence);
    return verifyUnder(type, jws, bundle.fed, keysAt(evidence.views, time_s, evidence.needed));
  };
  return {
    ...(bundle.consent === undefined ? {} : { consent: read('consent', bundle.consent) }),
    enrolments: (bundle.passkey?.enrolments ?? []).map(({ statement }) => read('enrolment', statement)),
    inquiry: read('inquiry', bundle.inquiry),
    grants: bundle.grants.map((jws) => read('grant', jws)),
    disclosures: bundle.disclosures.map((jws) => read('disclosure', jws)),
    report: read('report', bundle.report),
  };
}

function verifyUnder<T extends StatementType>(
  type: T,
  jws: string,
  fed: string,
  keys: KeyLookup,
): Verified<ClaimsOf<T>> {
  return verify(type, jws, { keys, fed, nowMs: 0, audience: 'any', received: 'archived' });
}

/**
 * What no leaf dates is judged by the directories that were in force while the inquiry lived: valid under one
 * is valid; otherwise the newest, which comes first, says why not.
 */
function verifyUnproven<T extends StatementType>(
  type: T,
  jws: string,
  bundle: EvidenceBundle,
  { needed, views }: Evidence,
): Verified<ClaimsOf<T>> {
  let failure: unknown = new CausewayError('evidence_invalid', {
    pointer: '/heads',
    detail: 'No directory of the time of the inquiry is there.',
  });
  for (const [at, view] of viewsInForce(bundle, views).entries()) {
    try {
      const verified = verifyUnder(type, jws, bundle.fed, view.keys);
      needed(view, verified.claims.iss);
      return verified;
    } catch (error) {
      if (at === 0) failure = error;
    }
  }
  throw failure;
}

/** The times are read from statements that are verified later, from the same bytes. */
function viewsInForce(
  { inquiry, report }: EvidenceBundle,
  views: readonly DirectoryView[],
): readonly DirectoryView[] {
  const [from, until] = [issuedAt(inquiry) * 1000, (issuedAt(report) + skew_s) * 1000];
  return views.filter(({ issuedAtMs, expiresAtMs }) => issuedAtMs <= until && expiresAtMs >= from);
}

function textsOf(
  { entries, heads }: EvidenceBundle,
  used: ReadonlyMap<DirectoryView, ReadonlySet<string>>,
): EvidenceVerdict['used'] {
  const texts = Array.from(used, ([view, members]) => ({ head: view.evidence.head, members }));
  const digests = new Set(
    texts.flatMap(({ head, members }) => {
      const { entries: named } = readUnverified(head).claims as Directory;
      return named.filter(({ member }) => members.has(member)).map(({ digest }) => digest);
    }),
  );
  return {
    heads: heads.filter((head) => texts.some((each) => each.head === head)),
    entries: entries.filter((text) => digests.has(entryDigest(text))),
  };
}
