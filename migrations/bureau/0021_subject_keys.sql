-- What the exchange makes of a subject (answers, disputes, the roster) is sealed under the key of the life of the
-- subject, which lies in the key store. Records stay clear: an answer reads them in one statement.
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

-- The only way in which a subject's rows disappear: those of every table that has a column subject_ref, also of tables
-- that come later. It comes after the longest time for which anything must be kept, so records, their versions and their
-- tombstones go with the rest. The application may call it and can delete nothing of them itself.
CREATE FUNCTION bury_subject(ref text, handle text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE named text;
BEGIN
  FOR named IN
    SELECT class.relname FROM pg_class AS class JOIN pg_attribute AS att ON att.attrelid = class.oid
    WHERE att.attname = 'subject_ref' AND NOT att.attisdropped AND class.relnamespace = 'public'::regnamespace
      AND class.relkind IN ('r', 'p') AND NOT class.relispartition ORDER BY class.relname
  LOOP
    EXECUTE format('DELETE FROM %I WHERE subject_ref = $1', named) USING ref;
  END LOOP;
  -- Who of the staff looked stays; about whom does not.
  UPDATE staff_read SET about = NULL WHERE about = ref;
  DELETE FROM once_key WHERE partition_key = ref;
  DELETE FROM subject_life WHERE subject = handle;
END $$;

REVOKE ALL ON FUNCTION bury_subject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bury_subject TO causeway_app;
