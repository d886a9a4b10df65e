-- The consumer service's own tables. Everything about a subject is keyed by subject_ref first and hash-partitioned by
-- it, so that one subject's rows lie together and every unique key contains its table's partition key.
-- Times are milliseconds since the epoch, by the service's clock. Columns of type bytea are AES-256-GCM boxes.

-- What a lender asks a subject to agree to. `expired` is no state: it follows from expires_ms.
CREATE TABLE consent_request (
  subject_ref         text     NOT NULL,
  id                  uuid     NOT NULL,
  lender              text     NOT NULL,
  kind                text     NOT NULL,
  purposes            text[]   NOT NULL,
  categories          text[]   NOT NULL,
  bureaus             text[]   NOT NULL,
  valid_days          integer  NOT NULL CHECK (valid_days > 0),
  "fetch"             text     NOT NULL CHECK ("fetch" IN ('once', 'periodic')),
  max_uses            integer  NOT NULL CHECK (max_uses > 0),
  recipient_retention text     NOT NULL,
  language            text     NOT NULL CHECK (language IN ('zh-CN', 'en')),
  form                text     NOT NULL,
  form_digest         text     NOT NULL,
  status              text     NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
  consent             text,
  created_ms          bigint   NOT NULL,
  expires_ms          bigint   NOT NULL,
  PRIMARY KEY (subject_ref, id),
  CHECK ((status = 'approved') = (consent IS NOT NULL))
) PARTITION BY HASH (subject_ref);

-- A lender knows the request's id only.
CREATE INDEX consent_request_lender ON consent_request (lender, id);

-- The answer recorded for a lender's Idempotency-Key; written in the transaction of the effect.
CREATE TABLE idempotency (
  lender         text     NOT NULL,
  key            text     NOT NULL,
  request_digest text     NOT NULL,
  answer         text     NOT NULL,
  created_ms     bigint   NOT NULL,
  PRIMARY KEY (lender, key)
);

-- One row per signed consent. Its row lock orders redemption against revocation; `uses` counts spent uses and never
-- goes down. statement is the JWS, evidence the id_token by which the subject approved.
CREATE TABLE consent (
  subject_ref    text     NOT NULL,
  digest         text     NOT NULL,
  id             uuid     NOT NULL,
  request        uuid     NOT NULL,
  lender         text     NOT NULL,
  kind           text     NOT NULL,
  purposes       text[]   NOT NULL,
  categories     text[]   NOT NULL,
  bureaus        text[]   NOT NULL,
  valid_from_ms  bigint   NOT NULL,
  valid_until_ms bigint   NOT NULL,
  max_uses       integer  NOT NULL,
  strength       text     NOT NULL,
  state          text     NOT NULL CHECK (state IN ('active', 'paused', 'revoked')),
  state_since_ms bigint   NOT NULL,
  uses           integer  NOT NULL CHECK (uses BETWEEN 0 AND max_uses),
  statement      bytea    NOT NULL,
  evidence       bytea    NOT NULL,
  PRIMARY KEY (subject_ref, digest),
  UNIQUE (subject_ref, id),
  UNIQUE (subject_ref, request)
) PARTITION BY HASH (subject_ref);

-- One spent use. The primary key makes a repeated inquiry come back to its own use.
CREATE TABLE consent_use (
  subject_ref text    NOT NULL,
  inquiry     text    NOT NULL,
  consent     text    NOT NULL,
  use         integer NOT NULL CHECK (use > 0),
  at_ms       bigint  NOT NULL,
  PRIMARY KEY (subject_ref, inquiry),
  UNIQUE (subject_ref, consent, use)
) PARTITION BY HASH (subject_ref);

-- Who holds the latest grant for an inquiry, and until when: whom a stop must reach.
CREATE TABLE grant_holder (
  subject_ref text   NOT NULL,
  inquiry     text   NOT NULL,
  node        text   NOT NULL,
  consent     text   NOT NULL,
  digest      text   NOT NULL,
  expires_ms  bigint NOT NULL,
  PRIMARY KEY (subject_ref, inquiry, node)
) PARTITION BY HASH (subject_ref);

-- Every refusal about a subject, by whoever decided; use 0 is a refusal before any use was spent.
CREATE TABLE refusal (
  subject_ref text    NOT NULL,
  inquiry     text    NOT NULL,
  use         integer NOT NULL CHECK (use >= 0),
  iss         text    NOT NULL,
  code        text    NOT NULL,
  digest      text    NOT NULL,
  statement   text    NOT NULL,
  PRIMARY KEY (subject_ref, inquiry, use, iss)
) PARTITION BY HASH (subject_ref);

CREATE SEQUENCE access_seq AS bigint;

-- The subject's history: one line per decision, refusals too, in the order of seq.
CREATE TABLE access (
  subject_ref text    NOT NULL,
  seq         bigint  NOT NULL DEFAULT nextval('access_seq'),
  id          uuid    NOT NULL,
  at_ms       bigint  NOT NULL,
  lender      text    NOT NULL,
  purpose     text    NOT NULL,
  categories  text[]  NOT NULL,
  bureaus     text[]  NOT NULL,
  outcome     text    NOT NULL CHECK (outcome IN ('granted', 'refused')),
  code        text,
  inquiry     text    NOT NULL,
  use         integer NOT NULL,
  decided_by  text    NOT NULL,
  leaf        text    NOT NULL,
  PRIMARY KEY (subject_ref, seq),
  UNIQUE (subject_ref, id),
  UNIQUE (subject_ref, inquiry, use, decided_by, outcome),
  CHECK ((outcome = 'refused') = (code IS NOT NULL))
) PARTITION BY HASH (subject_ref);

-- A freeze stands while lifted_ms is null; redemption looks here before anything else of the subject's.
CREATE TABLE subject_freeze (
  subject_ref     text   NOT NULL,
  id              uuid   NOT NULL,
  exempt_purposes text[] NOT NULL,
  placed_ms       bigint NOT NULL,
  lifted_ms       bigint,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);

-- Signed stops, numbered per subject.
CREATE TABLE stop (
  subject_ref text    NOT NULL,
  sequence    integer NOT NULL,
  digest      text    NOT NULL,
  action      text    NOT NULL,
  consent     text,
  statement   text    NOT NULL,
  at_ms       bigint  NOT NULL,
  PRIMARY KEY (subject_ref, sequence)
) PARTITION BY HASH (subject_ref);

-- token: SHA-256 of the bearer token, so that a copy of this table opens no session.
CREATE TABLE session (
  token       text   PRIMARY KEY,
  subject_ref text   NOT NULL,
  expires_ms  bigint NOT NULL
);
CREATE INDEX session_expiry ON session (expires_ms);

-- An id_token acts once; its digest covers header and payload, never the signature.
CREATE TABLE used_id_token (
  digest     text   PRIMARY KEY,
  expires_ms bigint NOT NULL
);
CREATE INDEX used_id_token_expiry ON used_id_token (expires_ms);

-- identity: HMAC of scheme and number under a key of this node, so that numbers cannot be tried against a copy.
CREATE TABLE subject_ref_cache (
  identity text  PRIMARY KEY,
  box      bytea NOT NULL
);

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['consent_request', 'consent', 'consent_use', 'grant_holder', 'refusal', 'access',
                                'subject_freeze', 'stop']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_p' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

-- Rights go to the parents; partitions are reached through them only. What is history can be added to, not changed.
GRANT SELECT, INSERT ON consent_use, refusal, access, stop, idempotency, subject_ref_cache TO causeway_app;
GRANT SELECT ON subject_freeze TO causeway_app;
GRANT SELECT, INSERT, UPDATE (status, consent) ON consent_request TO causeway_app;
GRANT SELECT, INSERT, UPDATE (state, state_since_ms, uses) ON consent TO causeway_app;
GRANT SELECT, INSERT, UPDATE (digest, expires_ms) ON grant_holder TO causeway_app;
GRANT SELECT, INSERT, DELETE ON session, used_id_token TO causeway_app;
GRANT USAGE ON SEQUENCE access_seq TO causeway_app;
