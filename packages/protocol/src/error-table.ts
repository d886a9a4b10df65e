interface ErrorRow {
  readonly status: number;
  /** Public, stable, the same for every occurrence. */
  readonly title: string;
  /** Public advice, used where the thrower gives none of its own. */
  readonly detail: string;
  /** True where the very same request may succeed later. */
  readonly retryable: boolean;
}

const row = (status: number, title: string, detail: string, retryable = false): ErrorRow => ({
  status,
  title,
  detail,
  retryable,
});

/** Every error that may leave a node, and what it says there. Nothing outside this table is ever sent. */
export const errorTable = {
  bad_request: row(400, 'Bad request', 'Correct the member at fault and send again.'),
  body_too_large: row(413, 'Body too large', 'Send less in one request.'),
  unsupported_media_type: row(415, 'Unsupported media type', 'Send the content type that the route names.'),
  not_found: row(404, 'Not found', 'There is no such thing here, or not for you.'),
  method_not_allowed: row(405, 'Method not allowed', 'See /openapi.json for the methods of this path.'),
  conflict: row(409, 'Conflict', 'The present state does not allow this.'),
  rate_limited: row(429, 'Too many requests', 'Wait for the time that Retry-After names.', true),
  unavailable: row(503, 'Unavailable', 'A part that this needs does not answer. Try again.', true),
  not_ready: row(503, 'Not ready', 'This node has no current directory or clock. Try again.', true),
  internal: row(500, 'Internal error', 'The fault is ours. Quote the request id.', true),

  statement_missing: row(401, 'No statement', 'The body is a signed statement in compact JWS form.'),
  statement_malformed: row(400, 'Malformed statement', 'Correct the member at fault and sign again.'),
  statement_version: row(400, 'Statement version', 'Use a version that the directory lists.'),
  header_not_permitted: row(401, 'Header not permitted', 'The header holds typ, alg and kid, nothing else.'),
  statement_type: row(401, 'Wrong statement type', 'This route takes another type of statement.'),
  algorithm: row(401, 'Wrong algorithm', 'The key decides the algorithm; alg must name that one.'),
  key_unknown: row(401, 'Unknown key', 'kid is <member>:<RFC 7638 thumbprint> of a key in the directory.'),
  key_revoked: row(401, 'Revoked key', 'The key was revoked. Sign with a current one.'),
  key_retired: row(
    401,
    'Retired key',
    'The key was retired before this was issued. Sign with a current one.',
  ),
  key_not_yet_valid: row(401, 'Key not yet valid', 'The key may be used from its date on.'),
  key_use: row(401, 'Key use', 'The directory does not let this key sign statements of this type.'),
  issuer_mismatch: row(401, 'Issuer mismatch', 'iss must own the key and be the expected issuer.'),
  signature_invalid: row(401, 'Invalid signature', 'The signature does not fit the received bytes.'),
  assertion_invalid: row(401, 'Invalid assertion', 'No passkey that counts has signed this, for us.'),
  audience_mismatch: row(401, 'Wrong audience', 'The statement is addressed to somebody else.'),
  federation_mismatch: row(401, 'Wrong federation', 'The statement belongs to another federation.'),
  time_window: row(401, 'Outside the time window', 'iat is too far from the time here. Check the clock.'),
  expired: row(401, 'Expired', 'The statement has expired. Issue a new one.'),
  link_mismatch: row(403, 'Link mismatch', 'The statement does not belong to the one it comes with.'),
  once_conflict: row(409, 'Already used', 'The same once key came before with other content.'),
  member_suspended: row(403, 'Member suspended', 'The member is suspended.'),
  member_unknown: row(401, 'Unknown member', 'The member is not in the directory.'),
  role_not_permitted: row(403, 'Role not permitted', 'The member does not have the role for this.'),

  token_missing: row(401, 'No token', 'Send a DPoP-bound access token.'),
  token_invalid: row(401, 'Invalid token', 'Get a new access token for this service.'),
  dpop_invalid: row(401, 'Invalid DPoP proof', 'Send one fresh proof by the key of the token.'),
  authentication_weak: row(403, 'Authentication too weak', 'Sign in anew, with a second factor.'),
  scope_insufficient: row(403, 'Insufficient scope', 'Get a token with the scope that the route names.'),
  identity_mismatch: row(403, 'Identity mismatch', 'Key, token and certificate must be of one member.'),

  not_authorised: row(403, 'Not authorised', 'There is nothing here that authorises this inquiry.'),
  consent_revoked: row(403, 'Consent revoked', 'The subject has revoked the consent.'),
  consent_paused: row(403, 'Consent paused', 'The subject has paused the consent.'),
  consent_expired: row(403, 'Consent expired', 'Ask the subject for a new consent.'),
  consent_used_up: row(403, 'Consent used up', 'The consent allows no further use.'),
  subject_frozen: row(403, 'Subject frozen', 'The subject has frozen access.'),
  purpose_not_permitted: row(403, 'Purpose not permitted', 'Consent or policy does not cover this purpose.'),
  category_not_permitted: row(403, 'Category not permitted', 'Consent or policy does not cover a category.'),
  assistance_off: row(409, 'Assisted consent is off', 'Policy lets nobody consent with assistance.'),
  deadline_passed: row(403, 'Deadline passed', 'The deadline of the inquiry has passed.'),
  budget_exhausted: row(429, 'Budget exhausted', 'The budget of this member is used up for today.', true),

  not_restricted: row(
    409,
    'Not restricted',
    'No restriction of this subject stands that was acknowledged here.',
  ),
  retention_not_over: row(409, 'Still to be kept', 'What is held here must be kept for longer.', true),

  idempotency_key_missing: row(400, 'No idempotency key', 'Send an Idempotency-Key header.'),
  idempotency_mismatch: row(422, 'Idempotency key reused', 'The key came before with another body.'),

  weak_key: row(400, 'Weak key', 'Only sound Ed25519 public keys can be enrolled.'),
  application_invalid: row(400, 'Invalid application', 'Correct the member at fault.'),
  mapping_invalid: row(400, 'Invalid mapping', 'Correct the mapping file at the member named.'),
  file_truncated: row(400, 'Truncated file', 'The file ends too early. Send all of it.'),
  file_malformed: row(400, 'Malformed file', 'The file is not of the format that its mapping names.'),
  totals_mismatch: row(400, 'Totals do not match', 'The records do not add up to the trailer of the file.'),
  header_unreadable: row(400, 'Unreadable header', 'The first line does not name the expected columns.'),
  digest_mismatch: row(400, 'Digest mismatch', 'The content is not what its digest says.'),
  approval_insufficient: row(403, 'Too few approvals', 'Two different officers must sign this.'),

  anchor_mismatch: row(401, 'Wrong anchor', 'The root file is not the one configured out of band.'),
  directory_invalid: row(401, 'Invalid directory', 'Root, head and entries do not fit together.'),
  directory_stale: row(401, 'Old directory', 'A newer directory is known; older ones are refused.'),
  checkpoint_unsigned: row(
    403,
    'Checkpoint not signed',
    'The key of this ledger has not signed the checkpoint.',
  ),
  checkpoint_inconsistent: row(
    422,
    'Inconsistent checkpoint',
    'The proof does not lead from the newest checkpoint seen of this ledger to this one.',
  ),
  evidence_invalid: row(400, 'Invalid evidence', 'The parts of the bundle do not fit together.'),
} as const satisfies Record<string, ErrorRow>;

/** The closed set of error codes. */
export type ErrorCode = keyof typeof errorTable;
