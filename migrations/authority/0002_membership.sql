-- Applications, the officers' acts, members and their entries, the directory's versions, blind budgets.

CREATE TABLE application (
  id          uuid PRIMARY KEY,
  -- Over the canonical JSON without the proofs: the same application again is the same row.
  digest      text NOT NULL UNIQUE,
  member      text NOT NULL,
  body        text NOT NULL,
  -- Null until two officers admitted the applicant.
  act         text,
  certificate text,
  at_ms       bigint NOT NULL
);
CREATE INDEX application_by_member ON application (member);

-- What officers decided, with their signatures; never changed.
CREATE TABLE officer_act (
  digest  text PRIMARY KEY,
  jti     uuid NOT NULL UNIQUE,
  act     text NOT NULL,
  member  text NOT NULL,
  signed  text NOT NULL,
  proof   text,
  at_ms   bigint NOT NULL
);

-- The text of an entry by its digest; never changed.
CREATE TABLE member_entry (
  digest  text PRIMARY KEY,
  member  text NOT NULL,
  body    text NOT NULL,
  -- The act that made it; null for the authority's own first entry, which the ceremony wrote.
  act     text REFERENCES officer_act (digest),
  at_ms   bigint NOT NULL
);

-- Which entry of a member is in force. Ids are never reused, so rows are never deleted.
CREATE TABLE member (
  id     text PRIMARY KEY,
  entry  text NOT NULL REFERENCES member_entry (digest)
);

CREATE TABLE certificate (
  thumbprint    text PRIMARY KEY,
  serial        text NOT NULL UNIQUE,
  member        text NOT NULL,
  pem           text NOT NULL,
  not_after_ms  bigint NOT NULL,
  act           text NOT NULL REFERENCES officer_act (digest)
);

-- Every head the directory signer signed. The primary key makes each version one head, whoever signs.
CREATE TABLE directory_version (
  version     bigint PRIMARY KEY,
  digest      text NOT NULL UNIQUE,
  head        text NOT NULL,
  -- What the head says beside its times, so that the signer sees a change without reading the head.
  content     text NOT NULL,
  issued_at_ms bigint NOT NULL
);

-- Blinded elements evaluated for a member on a day (UTC).
CREATE TABLE blind_budget (
  member  text NOT NULL,
  day     date NOT NULL,
  used    bigint NOT NULL CHECK (used >= 0),
  PRIMARY KEY (member, day)
);

GRANT SELECT, INSERT ON application, officer_act, member_entry, member, certificate, directory_version, blind_budget
  TO causeway_app;
GRANT UPDATE (act, certificate) ON application TO causeway_app;
GRANT UPDATE (entry) ON member TO causeway_app;
GRANT UPDATE (used) ON blind_budget TO causeway_app;
