-- Native systems behind a bureau, and the kinds of record that come with them.

-- Whom the native system knows behind a reference: scheme, number, name and handle, sealed under the node's key.
-- Only a bureau whose records lie in a native system has rows here.
CREATE TABLE roster (
  subject_ref text NOT NULL PRIMARY KEY,
  sealed bytea NOT NULL
) PARTITION BY HASH (subject_ref);
CREATE TABLE roster_0 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE roster_1 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE roster_2 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE roster_3 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE roster_4 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE roster_5 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE roster_6 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE roster_7 PARTITION OF roster FOR VALUES WITH (MODULUS 8, REMAINDER 7);

-- The code's list of kinds is the one list; what is stored has been read by its schema.
ALTER TABLE record DROP CONSTRAINT record_record_check;

GRANT SELECT, INSERT, UPDATE ON roster TO causeway_app;
