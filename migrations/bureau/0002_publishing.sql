-- Publishing: mappings, the progress of batches, and the lines that were not taken.

CREATE TABLE mapping (
  digest text PRIMARY KEY,
  body text NOT NULL,
  created_ms bigint NOT NULL
);

-- One file under one mapping, once. `next_offset` and `next_line` move in the transaction of each chunk, so
-- a crash leaves whole chunks; `columns` is what the header said. The file itself lies sealed in the spool
-- folder.
CREATE TABLE batch (
  id bigint GENERATED ALWAYS AS IDENTITY,
  digest text NOT NULL,
  mapping text NOT NULL REFERENCES mapping (digest),
  state text NOT NULL CHECK (state IN ('running', 'complete')),
  spool text NOT NULL,
  columns text[] NOT NULL,
  bytes bigint NOT NULL,
  next_offset bigint NOT NULL,
  next_line bigint NOT NULL,
  lines bigint NOT NULL DEFAULT 0,
  accepted bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  subjects bigint NOT NULL DEFAULT 0,
  started_ms bigint NOT NULL,
  finished_ms bigint,
  PRIMARY KEY (digest, mapping)
);
CREATE INDEX batch_running ON batch (started_ms) WHERE state = 'running';

-- Never the refused value, never an identifier: line, column, rule and a sentence.
CREATE TABLE rejection (
  batch text NOT NULL,
  mapping text NOT NULL,
  line bigint NOT NULL,
  column_name text,
  rule text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (batch, mapping, line),
  FOREIGN KEY (batch, mapping) REFERENCES batch (digest, mapping)
);

GRANT SELECT, INSERT ON mapping TO causeway_app;
GRANT SELECT, INSERT, UPDATE ON batch TO causeway_app;
GRANT SELECT, INSERT ON rejection TO causeway_app;
