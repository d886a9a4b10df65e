-- The life of a record: versions, ends, tombstones, marks, and what a snapshot no longer names.

-- The row stays one per record and is what an answer reads. `version` counts what was replaced before, and
-- valid_from_ms says since when this one stands; `digest` is over the record as it was reported. From
-- expires_ms on it is not shown, whoever runs; `opened_by` holds until due_ms, when it is looked at again.
-- `delinquent_since` is the earliest first delinquency of all versions; `marks` are those of the table
-- below, in one text; `behaviour` is what earlier reports said of the same adverse behaviour and
-- later ones need not repeat: JSON.
ALTER TABLE record
  ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD COLUMN digest text NOT NULL DEFAULT '',
  ADD COLUMN valid_from_ms bigint NOT NULL DEFAULT 0,
  ADD COLUMN expires_ms bigint,
  ADD COLUMN due_ms bigint,
  ADD COLUMN delinquent_since text,
  ADD COLUMN marks text,
  ADD COLUMN behaviour text;
-- Rows of before are due at once: until the sweeper has looked at them, each answer does.
UPDATE record SET due_ms = 0;
CREATE INDEX record_due ON record (due_ms) WHERE due_ms IS NOT NULL;

-- What a record said before it was corrected, from when to when (ms) it stood. Append only for the
-- application.
CREATE TABLE record_version (
  subject_ref text NOT NULL,
  record text NOT NULL,
  source_record_id text NOT NULL,
  version int NOT NULL,
  as_of text NOT NULL,
  body text NOT NULL,
  digest text NOT NULL,
  batch bigint NOT NULL,
  valid_from_ms bigint NOT NULL,
  valid_to_ms bigint NOT NULL,
  expires_ms bigint,
  delinquent_since text,
  behaviour text,
  PRIMARY KEY (subject_ref, record, source_record_id, version),
  CHECK (valid_from_ms <= valid_to_ms)
) PARTITION BY HASH (subject_ref);
CREATE TABLE record_version_0 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE record_version_1 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE record_version_2 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE record_version_3 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE record_version_4 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE record_version_5 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE record_version_6 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE record_version_7 PARTITION OF record_version FOR VALUES WITH (MODULUS 8, REMAINDER 7);

-- What is left of a deleted record, one row per version: digest, dates and the rule, never the body.
CREATE TABLE tombstone (
  subject_ref text NOT NULL,
  record text NOT NULL,
  source_record_id text NOT NULL,
  version int NOT NULL,
  as_of text NOT NULL,
  digest text NOT NULL,
  valid_from_ms bigint NOT NULL,
  valid_to_ms bigint NOT NULL,
  expires_ms bigint,
  delinquent_since text,
  rule text NOT NULL,
  buried_ms bigint NOT NULL,
  PRIMARY KEY (subject_ref, record, source_record_id, version)
) PARTITION BY HASH (subject_ref);
CREATE TABLE tombstone_0 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE tombstone_1 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE tombstone_2 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE tombstone_3 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE tombstone_4 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE tombstone_5 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE tombstone_6 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE tombstone_7 PARTITION OF tombstone FOR VALUES WITH (MODULUS 8, REMAINDER 7);

-- Marks and statements about one record, from when to when they stood.
CREATE TABLE mark (
  subject_ref text NOT NULL,
  record text NOT NULL,
  source_record_id text NOT NULL,
  mark text NOT NULL,
  body text NOT NULL,
  from_ms bigint NOT NULL,
  ended_ms bigint,
  PRIMARY KEY (subject_ref, record, source_record_id, mark)
) PARTITION BY HASH (subject_ref);
CREATE TABLE mark_0 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE mark_1 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE mark_2 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE mark_3 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE mark_4 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE mark_5 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE mark_6 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE mark_7 PARTITION OF mark FOR VALUES WITH (MODULUS 8, REMAINDER 7);
CREATE INDEX mark_by_id ON mark (mark);

-- The only way in which a body disappears: the record, its earlier versions and its marks go, and a
-- tombstone of each version takes their place in the same statement. The application may call it and can
-- delete nothing itself.
CREATE FUNCTION bury(refs text[], kinds text[], ids text[], rules text[], days text[], now_ms bigint)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH asked AS (
    SELECT * FROM unnest(refs, kinds, ids, rules, days)
      AS each (subject_ref, record, source_record_id, rule, day)
  ), gone AS (
    DELETE FROM record AS r USING asked WHERE (r.subject_ref, r.record, r.source_record_id)
      = (asked.subject_ref, asked.record, asked.source_record_id)
    RETURNING r.subject_ref, r.record, r.source_record_id, r.version, greatest(r.as_of, asked.day) AS as_of,
      r.digest, r.valid_from_ms, greatest(now_ms, r.valid_from_ms) AS valid_to_ms, r.expires_ms,
      r.delinquent_since, asked.rule
  ), past AS (
    DELETE FROM record_version AS v USING gone WHERE (v.subject_ref, v.record, v.source_record_id)
      = (gone.subject_ref, gone.record, gone.source_record_id)
    RETURNING v.subject_ref, v.record, v.source_record_id, v.version, v.as_of, v.digest, v.valid_from_ms,
      v.valid_to_ms, v.expires_ms, v.delinquent_since, gone.rule
  ), unmarked AS (
    DELETE FROM mark AS m USING gone WHERE (m.subject_ref, m.record, m.source_record_id)
      = (gone.subject_ref, gone.record, gone.source_record_id)
  ), buried AS (
    INSERT INTO tombstone (subject_ref, record, source_record_id, version, as_of, digest, valid_from_ms,
      valid_to_ms, expires_ms, delinquent_since, rule, buried_ms)
    SELECT each.*, now_ms FROM (SELECT * FROM gone UNION ALL SELECT * FROM past) AS each
  )
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION bury FROM PUBLIC;

-- `deleted`: records that a deletion code took away. `disappeared`: records that an earlier file of the same
-- mapping named and this snapshot does not; null for a file that is none. They stay stored.
ALTER TABLE batch
  ADD COLUMN warnings bigint NOT NULL DEFAULT 0,
  ADD COLUMN deleted bigint NOT NULL DEFAULT 0,
  ADD COLUMN disappeared bigint;

-- Lines that were taken, and of which something is to be known. Never a value.
CREATE TABLE batch_warning (
  batch text NOT NULL,
  mapping text NOT NULL,
  line bigint NOT NULL,
  rule text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (batch, mapping, line),
  FOREIGN KEY (batch, mapping) REFERENCES batch (digest, mapping)
);

CREATE TABLE disappeared (
  batch bigint NOT NULL,
  n bigint NOT NULL,
  subject_ref text NOT NULL,
  record text NOT NULL,
  source_record_id text NOT NULL,
  as_of text NOT NULL,
  PRIMARY KEY (batch, n)
);

GRANT SELECT, INSERT ON record_version TO causeway_app;
GRANT SELECT ON tombstone TO causeway_app;
GRANT SELECT, INSERT ON mark TO causeway_app;
GRANT UPDATE (ended_ms) ON mark TO causeway_app;
GRANT SELECT, INSERT ON batch_warning, disappeared TO causeway_app;
GRANT EXECUTE ON FUNCTION bury TO causeway_app;
