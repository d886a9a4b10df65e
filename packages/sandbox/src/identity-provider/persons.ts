/** The grant by which a script signs a sandbox person in, without a browser. */
export const personaGrant = 'urn:causeway:grant:persona';

/** An identity document's scheme and number, as the identity provider asserts it. */
export interface Identity {
  /** `gb11643` (natural person) or `gb32100` (enterprise). */
  readonly scheme: string;
  readonly value: string;
}

/** Somebody who can sign in at the sandbox's identity provider. */
export interface SandboxPerson {
  /** Short name for scripts, such as `li-na`. */
  readonly id: string;
  readonly identity: Identity;
  /** Enterprises that this person is the legal representative of. */
  readonly represents?: readonly Identity[];
}

/** Claims that the identity provider adds to an id_token. */
export interface PersonClaims {
  readonly identity: Identity;
  readonly role?: 'legal_representative';
  /** The enterprise that the person acts for; only with the role. */
  readonly enterprise?: Identity;
}

/** Who signs in, and for whom: a person's id or identity, and an enterprise where they act for one. */
export interface PersonChoice {
  readonly person: string | Identity;
  readonly enterprise?: Identity;
}

const same = (a: Identity, b: Identity) => a.scheme === b.scheme && a.value === b.value;

/**
 * The claims for a choice, or undefined where no such person exists or the person does not represent the
 * enterprise. Without a list of persons anybody with an identity may sign in: a sandbox has no one to ask.
 */
export function claimsFor(
  persons: readonly SandboxPerson[] | undefined,
  choice: PersonChoice,
): PersonClaims | undefined {
  const { person: wanted, enterprise } = choice;
  const listed = persons?.find((person) =>
    typeof wanted === 'string' ? person.id === wanted : same(person.identity, wanted),
  );
  const identity = persons === undefined && typeof wanted !== 'string' ? wanted : listed?.identity;
  if (identity === undefined) return undefined;
  if (enterprise === undefined) return { identity };
  const represents = persons === undefined || listed?.represents?.some((owned) => same(owned, enterprise));
  return represents ? { identity, role: 'legal_representative', enterprise } : undefined;
}

/** Reads an identity sent by a script: exactly `{scheme, value}`, both short texts; undefined otherwise. */
export function parseIdentity(text: string): Identity | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Object.keys(parsed).length !== 2) return undefined;
  if (!('scheme' in parsed) || !('value' in parsed)) return undefined;
  const { scheme, value } = parsed;
  if (typeof scheme !== 'string' || typeof value !== 'string') return undefined;
  return scheme.length <= 16 && value.length <= 32 ? { scheme, value } : undefined;
}

/** Somebody whom the sign-in form offers by name. */
export interface SignInSuggestion {
  readonly id: string;
  readonly name: string;
  /** What is special about them, in a few words. */
  readonly story: string;
  readonly choice: PersonChoice;
}
