-- Trees over the leaves: full tiles, signed checkpoints and their cosignatures, and what this node saw of
-- others. The same text in every service: the tree belongs to whoever has leaves. Nothing here is written
-- anew or deleted, but the last that was seen of another ledger.

CREATE TABLE ledger_tile (
  level smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
  idx bigint NOT NULL CHECK (idx >= 0),
  -- 256 hashes of 32 bytes
  bytes bytea NOT NULL CHECK (octet_length(bytes) = 8192),
  -- over these 256: the hash in the level above
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  PRIMARY KEY (level, idx)
);
-- Hashes do not compress: without this every tile is tried, in vain.
ALTER TABLE ledger_tile ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Its primary key is the compare-and-swap: one root for a size, whoever signs.
CREATE TABLE ledger_checkpoint (
  size bigint PRIMARY KEY CHECK (size >= 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  -- the signed note
  note text NOT NULL,
  at_ms bigint NOT NULL
);

CREATE TABLE ledger_cosignature (
  size bigint NOT NULL REFERENCES ledger_checkpoint,
  -- member
  witness text NOT NULL,
  -- its signature line, with the newline
  line text NOT NULL,
  -- seconds since the epoch, by the witness's clock
  cosigned_at bigint NOT NULL,
  PRIMARY KEY (size, witness)
);

-- The last checkpoint of each ledger that this node has cosigned.
CREATE TABLE witnessed (
  origin text PRIMARY KEY,
  size bigint NOT NULL CHECK (size >= 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  note text NOT NULL,
  at_ms bigint NOT NULL
);

-- What was seen of rollback, split view and the like: evidence, kept for ever.
CREATE TABLE ledger_alarm (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms bigint NOT NULL,
  kind text NOT NULL,
  origin text NOT NULL,
  detail jsonb NOT NULL
);

GRANT SELECT, INSERT ON ledger_tile, ledger_checkpoint, ledger_cosignature TO causeway_app;
GRANT SELECT, INSERT ON witnessed, ledger_alarm TO causeway_app;
GRANT UPDATE ON witnessed TO causeway_app;
