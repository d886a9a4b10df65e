-- Payloads are sealed under the key of the life of their subject, which lies in the key store.
-- subject: keyed hash of the reference; ref: the reference, sealed by the node.
CREATE TABLE subject_life (
  subject text  PRIMARY KEY,
  life    uuid  NOT NULL UNIQUE,
  ref     bytea NOT NULL
);

-- The acks of erasures; they name nobody.
CREATE TABLE received_erasure (
  digest text PRIMARY KEY,
  ack    text NOT NULL
);

GRANT SELECT, INSERT ON subject_life, received_erasure TO causeway_app;

-- data_key is wrapped by the key of this life.
ALTER TABLE inquiry ADD COLUMN life uuid NOT NULL;
CREATE INDEX inquiry_life ON inquiry (life);

-- All rows of the inquiries of lives that have ended. How many inquiries there were.
CREATE FUNCTION bury_lives(lives uuid[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM inquiry WHERE life = ANY(lives) RETURNING inquiry
  ), bureaus AS (DELETE FROM inquiry_bureau USING gone WHERE inquiry_bureau.inquiry = gone.inquiry
  ), rounds AS (DELETE FROM inquiry_round USING gone WHERE inquiry_round.inquiry = gone.inquiry
  ), disclosures AS (DELETE FROM inquiry_disclosure USING gone WHERE inquiry_disclosure.inquiry = gone.inquiry
  ), reports AS (DELETE FROM inquiry_report USING gone WHERE inquiry_report.inquiry = gone.inquiry
  ), work AS (DELETE FROM inquiry_outbox USING gone WHERE inquiry_outbox.inquiry = gone.inquiry
  ), refusals AS (DELETE FROM refusal_outbox USING gone WHERE refusal_outbox.inquiry = gone.inquiry
  ), parked AS (DELETE FROM dead_letter USING gone WHERE dead_letter.inquiry = gone.inquiry
  )
  SELECT count(*) FROM gone
$$;

-- The only way in which a subject's rows disappear. The application may call it and can delete nothing of them itself.
CREATE FUNCTION bury_subject(ref text, handle text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM bury_lives(ARRAY(SELECT life FROM subject_life WHERE subject = handle));
  DELETE FROM subject_status WHERE subject_ref = ref;
  DELETE FROM received_status WHERE subject_ref = ref;
  DELETE FROM once_key WHERE partition_key = ref;
  DELETE FROM subject_life WHERE subject = handle;
END $$;

REVOKE ALL ON FUNCTION bury_lives, bury_subject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bury_lives, bury_subject TO causeway_app;
