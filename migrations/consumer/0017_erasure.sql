-- Payloads are sealed under the key of the life of their subject, which lies in the key store.
-- subject: keyed hash of the reference; ref: the reference, sealed by the node.
CREATE TABLE subject_life (
  subject text  PRIMARY KEY,
  life    uuid  NOT NULL UNIQUE,
  ref     bytea NOT NULL
);

-- A freeze that stands for an erasure: it stops every purpose, and is not lifted while it restricts.
ALTER TABLE subject_freeze ADD COLUMN restricts boolean NOT NULL DEFAULT false;
GRANT UPDATE (restricts) ON subject_freeze TO causeway_app;

-- subject: keyed hash of the reference in the box, by which an erasure finds it.
ALTER TABLE subject_ref_cache ADD COLUMN subject text;
CREATE INDEX subject_ref_cache_subject ON subject_ref_cache (subject);

-- What a person warns of is sealed like everything that they write.
ALTER TABLE fraud_alert DROP COLUMN text, ADD COLUMN words bytea NOT NULL;

-- A person wants to be erased: restricted from asked_ms on, erased once due_ms has come and all nodes have acknowledged.
-- refs: all references of the person then. Ended ones are kept only where the person has taken the wish back.
CREATE TABLE erasure (
  id        uuid   PRIMARY KEY,
  refs      text[] NOT NULL CHECK (cardinality(refs) > 0),
  freeze_id uuid   NOT NULL,
  asked_ms  bigint NOT NULL,
  due_ms    bigint NOT NULL,
  state     text   NOT NULL CHECK (state IN ('restricted', 'erasing', 'withdrawn'))
);
CREATE INDEX erasure_refs ON erasure USING gin (refs);
CREATE INDEX erasure_due ON erasure (due_ms) WHERE state <> 'withdrawn';

-- To whom the erasure is brought, until they have acknowledged.
CREATE TABLE erasure_delivery (
  erasure   uuid    NOT NULL REFERENCES erasure,
  node      text    NOT NULL,
  digest    text    NOT NULL,
  statement text    NOT NULL,
  attempts  integer NOT NULL DEFAULT 0,
  next_ms   bigint  NOT NULL,
  ack       text,
  acked_ms  bigint,
  PRIMARY KEY (erasure, node)
);
CREATE INDEX erasure_delivery_due ON erasure_delivery (next_ms) WHERE acked_ms IS NULL;

-- What stays of an erasure: digests and acks, which name nobody.
CREATE TABLE erasure_proof (
  digest text   PRIMARY KEY,
  node   text   NOT NULL,
  ack    text   NOT NULL,
  at_ms  bigint NOT NULL
);

GRANT SELECT, INSERT ON subject_life, erasure, erasure_delivery, erasure_proof TO causeway_app;
GRANT UPDATE (due_ms, state) ON erasure TO causeway_app;
GRANT UPDATE (attempts, next_ms, ack, acked_ms) ON erasure_delivery TO causeway_app;

-- The only way in which a subject's rows disappear: those of every table that has a column subject_ref, or agent_ref for
-- whoever acts for another, also of tables that come later. The application may call it and can delete nothing of them
-- itself.
CREATE FUNCTION bury_subject(ref text, handle text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE named record;
BEGIN
  FOR named IN
    SELECT class.relname AS rows, att.attname AS ref_column FROM pg_class AS class JOIN pg_attribute AS att ON att.attrelid = class.oid
    WHERE att.attname IN ('subject_ref', 'agent_ref') AND NOT att.attisdropped AND class.relnamespace = 'public'::regnamespace
      AND class.relkind IN ('r', 'p') AND NOT class.relispartition ORDER BY class.relname
  LOOP
    EXECUTE format('DELETE FROM %I WHERE %I = $1', named.rows, named.ref_column) USING ref;
  END LOOP;
  DELETE FROM erasure_delivery USING erasure WHERE erasure.id = erasure_delivery.erasure AND refs @> ARRAY[ref];
  DELETE FROM erasure WHERE refs @> ARRAY[ref];
  -- The keys of a person's own requests are kept under their reference.
  DELETE FROM idempotency WHERE lender = ref;
  DELETE FROM once_key WHERE partition_key = ref;
  DELETE FROM subject_ref_cache WHERE subject = handle;
  DELETE FROM subject_life WHERE subject = handle;
END $$;

REVOKE ALL ON FUNCTION bury_subject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bury_subject TO causeway_app;
