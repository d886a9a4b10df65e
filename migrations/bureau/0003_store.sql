-- The hosted store. Subjects are known by reference only: no column holds an identifier, a name or a contact.

CREATE TABLE subject (
  subject_ref text NOT NULL PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('person', 'enterprise'))
) PARTITION BY HASH (subject_ref);
CREATE TABLE subject_0 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE subject_1 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE subject_2 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE subject_3 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE subject_4 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE subject_5 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE subject_6 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE subject_7 PARTITION OF subject FOR VALUES WITH (MODULUS 8, REMAINDER 7);

-- One row per native record; a newer file replaces it, an older one does not. `batch` is the id of the last
-- batch that named it.
CREATE TABLE record (
  subject_ref text NOT NULL,
  record text NOT NULL CHECK (record IN ('account', 'obligation', 'inquiry', 'profile')),
  source_record_id text NOT NULL,
  as_of text NOT NULL,
  body jsonb NOT NULL,
  batch bigint NOT NULL,
  PRIMARY KEY (subject_ref, record, source_record_id)
) PARTITION BY HASH (subject_ref);
CREATE TABLE record_0 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE record_1 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE record_2 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE record_3 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE record_4 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE record_5 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE record_6 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE record_7 PARTITION OF record FOR VALUES WITH (MODULUS 8, REMAINDER 7);

GRANT SELECT, INSERT ON subject TO causeway_app;
GRANT SELECT, INSERT, UPDATE ON record TO causeway_app;
