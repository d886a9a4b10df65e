-- Reports that persons ask for on themselves. Keyed by subject_ref first and hash-partitioned by it, as the tables of
-- 0002 are. Times are milliseconds since the epoch; columns of type bytea are boxes.

-- One row per report. id: the jti of its inquiry. composed: it waits until expires_ms for the person's passkey, and is
-- forgotten then. asserted: the person has signed it. sent: a broker has taken it. ready: the report came. `report`
-- holds it with its disclosures while a page may show it, until kept_until_ms; the row stays, because it counts.
CREATE TABLE own_report (
  subject_ref   text   NOT NULL,
  id            uuid   NOT NULL,
  inquiry       text   NOT NULL,
  enrolment     text   NOT NULL,
  bureaus       text[] NOT NULL,
  state         text   NOT NULL CHECK (state IN ('composed', 'asserted', 'sent', 'ready', 'refused', 'failed')),
  code          text,
  began_ms      bigint NOT NULL,
  expires_ms    bigint NOT NULL,
  asserted_ms   bigint,
  statement     bytea  NOT NULL,
  proof         bytea,
  version       integer,
  partial       boolean,
  report        bytea,
  kept_until_ms bigint,
  PRIMARY KEY (subject_ref, id),
  UNIQUE (subject_ref, inquiry),
  CHECK ((state = 'composed') = (proof IS NULL)),
  CHECK ((state IN ('refused', 'failed')) = (code IS NOT NULL)),
  CHECK ((report IS NULL) = (kept_until_ms IS NULL))
) PARTITION BY HASH (subject_ref);
CREATE INDEX own_report_kept ON own_report (kept_until_ms) WHERE report IS NOT NULL;
CREATE INDEX own_report_composed ON own_report (expires_ms) WHERE state = 'composed';

-- A person who has just signed in for it may take all that is here on them, until expires_ms.
CREATE TABLE export_permit (
  subject_ref text   NOT NULL,
  expires_ms  bigint NOT NULL,
  PRIMARY KEY (subject_ref)
) PARTITION BY HASH (subject_ref);

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['own_report', 'export_permit']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_p' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON own_report, export_permit TO causeway_app;
GRANT UPDATE (state, code, asserted_ms, statement, proof, version, partial, report, kept_until_ms) ON own_report
  TO causeway_app;
GRANT UPDATE (expires_ms) ON export_permit TO causeway_app;
