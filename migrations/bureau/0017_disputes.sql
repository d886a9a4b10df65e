-- Disputes about records of this store. Keyed by the first reference that the statement names.

-- keys: JSON, the stored records that it is about; empty where there is none of this subject. words: what the
-- subject wrote, sealed. dossier: JSON of the state machine; `state` and due_ms are taken out of it. handler:
-- the first person of the bureau who did anything. due_ms: when the sweeper looks at it again.
CREATE TABLE dispute (
  subject_ref text NOT NULL,
  id text NOT NULL,
  digest text NOT NULL,
  iss text NOT NULL,
  record text NOT NULL,
  keys text NOT NULL,
  categories text[] NOT NULL,
  reason text NOT NULL,
  words bytea NOT NULL,
  provider text,
  state text NOT NULL,
  dossier text NOT NULL,
  handler text,
  mark text,
  received_ms bigint NOT NULL,
  due_ms bigint,
  steps int NOT NULL,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);
CREATE INDEX dispute_by_id ON dispute (id);
CREATE INDEX dispute_due ON dispute (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX dispute_open ON dispute (received_ms) WHERE state NOT IN ('closed', 'rejected');

-- What was done, step by step, each with its signed statement; append only but for its delivery. by_whom: a
-- person of the bureau, a rule, or the subject. reply: what was written to the subject or by the provider,
-- sealed. recipients: inquiries under which the record went out before it was corrected.
CREATE TABLE dispute_step (
  subject_ref text NOT NULL,
  dispute text NOT NULL,
  step int NOT NULL,
  event text NOT NULL,
  by_whom text NOT NULL,
  reply bytea,
  recipients text[] NOT NULL,
  digest text NOT NULL,
  statement text NOT NULL,
  at_ms bigint NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  next_ms bigint NOT NULL,
  sent_ms bigint,
  PRIMARY KEY (subject_ref, dispute, step)
) PARTITION BY HASH (subject_ref);
CREATE INDEX dispute_step_due ON dispute_step (next_ms) WHERE sent_ms IS NULL;

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['dispute', 'dispute_step']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

GRANT SELECT, INSERT ON dispute, dispute_step TO causeway_app;
GRANT UPDATE (state, dossier, handler, mark, due_ms, steps) ON dispute TO causeway_app;
GRANT UPDATE (attempts, next_ms, sent_ms) ON dispute_step TO causeway_app;
