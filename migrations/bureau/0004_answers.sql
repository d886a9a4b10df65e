-- What this bureau answered: one row per (inquiry, use), for ever. It begins as the reservation, taken
-- before a source is asked, and ends as a disclosure or a refusal; there is never a second answer under the
-- key.

CREATE TABLE answer (
  subject_ref text NOT NULL,
  inquiry text NOT NULL,
  use bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('reserved', 'disclosed', 'refused')),
  lender text NOT NULL,
  presenter text NOT NULL,
  -- The newest grant that was presented under the key.
  grant_digest text NOT NULL,
  outcome text,
  digest text,
  -- Sealed under the node's key; emptied at purge_at_ms, the digest stays.
  statement bytea,
  reserved_ms bigint NOT NULL,
  answered_ms bigint,
  purge_at_ms bigint NOT NULL,
  PRIMARY KEY (subject_ref, inquiry, use),
  CHECK ((state = 'reserved') = (digest IS NULL))
) PARTITION BY HASH (subject_ref);
CREATE TABLE answer_0 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE answer_1 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE answer_2 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE answer_3 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE answer_4 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE answer_5 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE answer_6 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE answer_7 PARTITION OF answer FOR VALUES WITH (MODULUS 8, REMAINDER 7);
CREATE INDEX answer_purge ON answer (purge_at_ms) WHERE statement IS NOT NULL;

-- No DELETE: an answer is never forgotten, only its bytes.
GRANT SELECT, INSERT, UPDATE ON answer TO causeway_app;
