-- Lenders' people who sign in at the broker's pages, and what they looked at; as at the bureaus.

-- token: SHA-256 of the session's, so that a copy of this table opens no session. person: the identity provider's
-- name of an account, one for each person. roles: as the provider named them; those count that the member's entry
-- in the directory lists at the time.
CREATE TABLE staff_session (
  token text PRIMARY KEY,
  member text NOT NULL,
  issuer text NOT NULL,
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

-- Every look at what is marked as traced, written before the answer, never changed. name: of own people only.
CREATE TABLE staff_read (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member text NOT NULL,
  person text NOT NULL,
  name text,
  roles text[] NOT NULL,
  what text NOT NULL,
  about text,
  at_ms bigint NOT NULL
);

CREATE INDEX staff_read_member ON staff_read (member, id);

-- Inquiries of a day or a week. One small entry for many neighbouring rows: inquiries come in the order of their time,
-- and one by one it costs them nothing.
CREATE INDEX inquiry_accepted ON inquiry USING brin (accepted_ms);

GRANT SELECT, INSERT, DELETE ON staff_session, used_staff_token TO causeway_app;
GRANT SELECT, INSERT ON staff_read TO causeway_app;
