-- The tables of a federation member's duties, the same in every service's database: the directory it goes by,
-- its ledger's leaves, the stops it has been told of, and what may happen once. Services' own tables follow
-- in 0002 on.

-- Login roles of services are members of this role; the owner of the tables is another, used by migrations
-- only.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'causeway_app') THEN
    CREATE ROLE causeway_app NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- The newest directory this node has believed. One row; its version never falls.
CREATE TABLE directory_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version bigint NOT NULL,
  root text NOT NULL,
  head text NOT NULL
);

CREATE TABLE directory_entry (
  digest text PRIMARY KEY,
  body text NOT NULL
);

-- Leaves promised by a committed record and not yet placed. Written in the record's own transaction.
CREATE TABLE leaf_staging (
  partition_key text NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  digest text NOT NULL,
  typ text NOT NULL,
  inquiry text,
  use bigint,
  iss text NOT NULL,
  aud text NOT NULL,
  at_ms bigint NOT NULL,
  outcome text,
  PRIMARY KEY (partition_key, id)
);
CREATE INDEX leaf_staging_order ON leaf_staging (id);

-- The ledger: append only for the application's role.
CREATE TABLE leaf (
  idx bigint PRIMARY KEY CHECK (idx >= 0),
  digest text NOT NULL UNIQUE,
  typ text NOT NULL,
  inquiry text,
  use bigint,
  iss text NOT NULL,
  aud text NOT NULL,
  at_ms bigint NOT NULL,
  outcome text
);
CREATE INDEX leaf_inquiry ON leaf (inquiry) WHERE inquiry IS NOT NULL;

-- The size of the tree: changed only together with the leaves, by compare-and-swap.
CREATE TABLE ledger_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  size bigint NOT NULL CHECK (size >= 0)
);
INSERT INTO ledger_state (size) VALUES (0);

-- What is stopped: consent '' is the whole subject (freeze), else the digest of one consent (revoke, pause).
CREATE TABLE subject_status (
  subject_ref text NOT NULL,
  consent text NOT NULL DEFAULT '',
  state text NOT NULL CHECK (state IN ('revoked', 'paused', 'frozen')),
  sequence bigint NOT NULL,
  status_digest text NOT NULL,
  PRIMARY KEY (subject_ref, consent)
);

-- Statements and keys that count once where no row of a service's own can say so.
CREATE TABLE once_key (
  partition_key text NOT NULL,
  scope text NOT NULL,
  key text NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (partition_key, scope, key)
);

-- Proofs and identity tokens that may be presented once, until they would fail on their time anyway.
CREATE TABLE replay_seen (
  key text PRIMARY KEY,
  expires_at_ms bigint NOT NULL
);
CREATE INDEX replay_seen_expiry ON replay_seen (expires_at_ms);

GRANT USAGE ON SCHEMA public TO causeway_app;
GRANT SELECT, INSERT, UPDATE ON directory_state TO causeway_app;
GRANT SELECT, INSERT ON directory_entry TO causeway_app;
GRANT SELECT, INSERT, DELETE ON leaf_staging TO causeway_app;
GRANT SELECT, INSERT ON leaf TO causeway_app;
GRANT SELECT, UPDATE ON ledger_state TO causeway_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON subject_status TO causeway_app;
GRANT SELECT, INSERT ON once_key TO causeway_app;
GRANT SELECT, INSERT, DELETE ON replay_seen TO causeway_app;
