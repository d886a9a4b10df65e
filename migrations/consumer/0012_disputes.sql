-- Disputes of subjects, what bureaus say of them, corrections to past recipients, and what lenders decided
-- against somebody. Keyed by subject_ref first and hash-partitioned by it, as the tables of 0002 are.

-- subject_ref: the subject's first reference at that time. words: what the subject wrote, sealed. dossier:
-- JSON of the state machine, moved by the bureau's signed steps alone.
CREATE TABLE dispute (
  subject_ref  text    NOT NULL,
  id           uuid    NOT NULL,
  bureau       text    NOT NULL,
  record       text    NOT NULL,
  report       text,
  reason       text    NOT NULL,
  words        bytea   NOT NULL,
  digest       text    NOT NULL,
  state        text    NOT NULL,
  dossier      text    NOT NULL,
  steps        integer NOT NULL,
  received_ms  bigint  NOT NULL,
  withdrawn_ms bigint,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);
CREATE INDEX dispute_by_digest ON dispute (digest);
-- One at a time about one item.
CREATE UNIQUE INDEX dispute_open ON dispute (subject_ref, bureau, record)
  WHERE state NOT IN ('closed', 'rejected');

-- What the bureau has yet to be told: the dispute (n 1), and that it is withdrawn (n 2).
CREATE TABLE dispute_message (
  subject_ref text    NOT NULL,
  dispute     uuid    NOT NULL,
  n           integer NOT NULL,
  statement   text    NOT NULL,
  attempts    integer NOT NULL DEFAULT 0,
  next_ms     bigint  NOT NULL,
  sent_ms     bigint,
  PRIMARY KEY (subject_ref, dispute, n)
) PARTITION BY HASH (subject_ref);
CREATE INDEX dispute_message_due ON dispute_message (next_ms) WHERE sent_ms IS NULL;

-- The bureau's signed steps. reply: what it wrote to the subject, sealed. corrections: issued with this step.
CREATE TABLE dispute_step (
  subject_ref text    NOT NULL,
  dispute     uuid    NOT NULL,
  step        integer NOT NULL,
  event       text    NOT NULL,
  digest      text    NOT NULL,
  statement   text    NOT NULL,
  reply       bytea,
  at_ms       bigint  NOT NULL,
  corrections integer NOT NULL,
  PRIMARY KEY (subject_ref, dispute, step)
) PARTITION BY HASH (subject_ref);

CREATE TABLE correction (
  subject_ref text    NOT NULL,
  inquiry     text    NOT NULL,
  handling    text    NOT NULL,
  id          uuid    NOT NULL,
  dispute     uuid    NOT NULL,
  lender      text    NOT NULL,
  statement   text    NOT NULL,
  at_ms       bigint  NOT NULL,
  PRIMARY KEY (subject_ref, inquiry, handling)
) PARTITION BY HASH (subject_ref);
CREATE INDEX correction_lender ON correction (lender, id);

-- What a lender decided against a subject on a report that it was granted; factors: at most four codes.
CREATE TABLE adverse_action (
  subject_ref text    NOT NULL,
  id          uuid    NOT NULL,
  lender      text    NOT NULL,
  inquiry     text    NOT NULL,
  report      text    NOT NULL,
  decision    text    NOT NULL,
  factors     text[]  NOT NULL CHECK (cardinality(factors) BETWEEN 1 AND 4),
  at_ms       bigint  NOT NULL,
  PRIMARY KEY (subject_ref, id),
  UNIQUE (subject_ref, inquiry, report)
) PARTITION BY HASH (subject_ref);

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['dispute', 'dispute_message', 'dispute_step', 'correction', 'adverse_action']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_p' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

GRANT SELECT, INSERT ON dispute, dispute_message, dispute_step, correction, adverse_action TO causeway_app;
GRANT UPDATE (state, dossier, steps, withdrawn_ms) ON dispute TO causeway_app;
GRANT UPDATE (attempts, next_ms, sent_ms) ON dispute_message TO causeway_app;
