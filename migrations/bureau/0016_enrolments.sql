-- The passkeys under which subjects' consents counted here, pinned when they were first met: another key for the same
-- subject counts only as protocol.md section 9 says. Keyed by subject_ref first and hash-partitioned by it.
CREATE TABLE enrolment_pin (
  subject_ref   text   NOT NULL,
  digest        text   NOT NULL,
  credential_id text   NOT NULL,
  public_key    text   NOT NULL,
  replaces      text,
  issued_at     bigint NOT NULL,
  counts_from   bigint NOT NULL,
  ended_at      bigint,
  pinned_ms     bigint NOT NULL,
  PRIMARY KEY (subject_ref, digest)
) PARTITION BY HASH (subject_ref);

DO $$
BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF enrolment_pin FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                   'enrolment_pin_p' || part, part);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON enrolment_pin TO causeway_app;
GRANT UPDATE (ended_at) ON enrolment_pin TO causeway_app;
