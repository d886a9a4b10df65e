-- People of the bureau who sign in at its console, and what they looked at.

-- token: SHA-256 of the session's, so that a copy of this table opens no session. person: the identity provider's
-- name of an account, one for each person. roles: of the closed list of the service.
CREATE TABLE staff_session (
  token text PRIMARY KEY,
  person text NOT NULL,
  name text NOT NULL,
  roles text[] NOT NULL,
  expires_ms bigint NOT NULL
);
CREATE INDEX staff_session_expiry ON staff_session (expires_ms);

-- An id_token signs in once.
CREATE TABLE used_staff_token (
  digest text PRIMARY KEY,
  expires_ms bigint NOT NULL
);

-- Every look of the bureau's people at what is about persons: who, what, and about which thing. Written before the
-- answer, never changed.
CREATE TABLE staff_read (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person text NOT NULL,
  name text NOT NULL,
  roles text[] NOT NULL,
  what text NOT NULL,
  about text,
  at_ms bigint NOT NULL
);

-- For what an answer was asked; null for those from before this column. The index is one small entry for many
-- neighbouring rows: answers come in the order of their time, and one by one it costs them nothing.
ALTER TABLE answer ADD COLUMN purpose text;
CREATE INDEX answer_time ON answer USING brin (reserved_ms);

CREATE INDEX batch_started ON batch (started_ms);

GRANT SELECT, INSERT, DELETE ON staff_session, used_staff_token TO causeway_app;
GRANT SELECT, INSERT ON staff_read TO causeway_app;
