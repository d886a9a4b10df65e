-- The key store of a service: a database of its own, apart from the payloads, and in no backup of them. It names nobody:
-- subject is a keyed hash of the reference.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'causeway_app') THEN
    CREATE ROLE causeway_app NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- life: from the first thing that is kept about a subject until their erasure. Whoever comes again has another one.
-- wrapped: the key of this life, AES-256-GCM under a key of the node.
CREATE TABLE subject_key (
  subject text   PRIMARY KEY,
  life    uuid   NOT NULL UNIQUE,
  wrapped bytea  NOT NULL,
  made_ms bigint NOT NULL
);

-- What was destroyed, by which erasure statement: n counts the references that it names. life is null where there was no
-- key. Rows stay for ever: by them a restored backup is erased again.
CREATE TABLE erased_key (
  erasure text    NOT NULL,
  n       integer NOT NULL,
  life    uuid,
  at_ms   bigint  NOT NULL,
  PRIMARY KEY (erasure, n)
);
CREATE UNIQUE INDEX erased_key_life ON erased_key (life);

GRANT USAGE ON SCHEMA public TO causeway_app;
GRANT SELECT, INSERT, DELETE ON subject_key TO causeway_app;
GRANT SELECT, INSERT ON erased_key TO causeway_app;
-- DELETE needs the row lock.
GRANT UPDATE (made_ms) ON subject_key TO causeway_app;
-- So that what was destroyed does not stay in the table's pages until the server finds time.
GRANT MAINTAIN ON subject_key TO causeway_app;
