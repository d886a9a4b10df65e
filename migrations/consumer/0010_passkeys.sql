-- Passkeys of subjects, each bound by a signed enrolment. Keyed by subject_ref first and hash-partitioned by it, as the
-- tables of 0002 are.

-- A credential that a browser has made, between that and the sign-in which binds it. content: what the person signs
-- in for (the digest of enrolment members), once the credential is there. At most a few per subject; they expire.
CREATE TABLE passkey_registration (
  subject_ref   text   NOT NULL,
  id            uuid   NOT NULL,
  challenge     text   NOT NULL,
  replaces      text,
  credential_id text,
  public_key    text,
  content       text,
  expires_ms    bigint NOT NULL,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);

-- Which one is in force is told by the times: the newest whose counts_from_ms has come, unless it was removed. One
-- that was removed before it counted is as if it had never been. statement and evidence (the id_token) are sealed;
-- handover is the assertion by the passkey before over this enrolment's digest, JSON.
CREATE TABLE passkey (
  subject_ref    text   NOT NULL,
  enrolment      text   NOT NULL,
  id             uuid   NOT NULL,
  credential_id  text   NOT NULL,
  public_key     text   NOT NULL,
  role           text   NOT NULL,
  replaces       text,
  statement      bytea  NOT NULL,
  evidence       bytea  NOT NULL,
  handover       text,
  enrolled_ms    bigint NOT NULL,
  counts_from_ms bigint NOT NULL,
  removed_ms     bigint,
  PRIMARY KEY (subject_ref, enrolment),
  UNIQUE (subject_ref, credential_id)
) PARTITION BY HASH (subject_ref);

-- What a subject is told about a passkey on the channels that were there before it. Whoever sends deletes what is sent.
CREATE TABLE passkey_notice (
  subject_ref    text   NOT NULL,
  id             uuid   NOT NULL,
  what           text   NOT NULL CHECK (what IN ('added', 'handed_over', 'removed')),
  enrolment      text   NOT NULL,
  counts_from_ms bigint NOT NULL,
  at_ms          bigint NOT NULL,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['passkey_registration', 'passkey', 'passkey_notice']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_p' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON passkey_registration, passkey_notice TO causeway_app;
GRANT UPDATE (credential_id, public_key, content) ON passkey_registration TO causeway_app;
GRANT SELECT, INSERT ON passkey TO causeway_app;
GRANT UPDATE (handover, counts_from_ms, removed_ms) ON passkey TO causeway_app;
