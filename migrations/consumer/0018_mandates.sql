-- Who may act for whom. Keyed by the subject's reference first and hash-partitioned by it, as the tables of 0002 are;
-- an agent finds theirs by the index. names (how the two call each other), statement, evidence (the subject's id_token,
-- or the officers' act) and end_statement are sealed. It stands from from_ms until until_ms or ended_ms.
CREATE TABLE mandate (
  subject_ref   text   NOT NULL,
  digest        text   NOT NULL,
  id            uuid   NOT NULL,
  agent_ref     text   NOT NULL,
  kind          text   NOT NULL CHECK (kind IN ('guardian', 'attorney')),
  powers        text[] NOT NULL,
  purposes      text[],
  from_ms       bigint NOT NULL,
  until_ms      bigint NOT NULL CHECK (until_ms > from_ms),
  names         bytea  NOT NULL,
  statement     bytea  NOT NULL,
  evidence      bytea  NOT NULL,
  ended_ms      bigint,
  ended_by      text   CHECK (ended_by IN ('subject', 'agent', 'officers')),
  end_digest    text,
  end_statement bytea,
  PRIMARY KEY (subject_ref, digest),
  UNIQUE (subject_ref, id),
  CHECK ((ended_ms IS NULL) = (end_statement IS NULL))
) PARTITION BY HASH (subject_ref);
CREATE INDEX mandate_agent ON mandate (agent_ref);
CREATE INDEX mandate_id ON mandate (id);
DO $$
BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF mandate FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                   'mandate_p' || part, part);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (ended_ms, ended_by, end_digest, end_statement) ON mandate TO causeway_app;
CREATE TRIGGER mandate_told AFTER INSERT OR UPDATE OF ended_ms ON mandate
  FOR EACH ROW EXECUTE FUNCTION tell_row('mandate', '=changed', 'id');

-- What somebody shows to who will entrust them: a code, of which only the digest is kept, good once and for minutes.
CREATE TABLE mandate_code (
  code       text   PRIMARY KEY,
  agent_ref  text   NOT NULL,
  name       bytea  NOT NULL,
  expires_ms bigint NOT NULL
);
CREATE INDEX mandate_code_expiry ON mandate_code (expires_ms);
GRANT SELECT, INSERT, DELETE ON mandate_code TO causeway_app;

-- An act of this service's officers counts once; the same act again brings the mandate that it made or ended.
CREATE TABLE guardianship_act (
  jti     uuid   PRIMARY KEY,
  digest  text   NOT NULL,
  mandate uuid   NOT NULL,
  at_ms   bigint NOT NULL
);
GRANT SELECT, INSERT ON guardianship_act TO causeway_app;

-- Under which mandate it was done; null where the subject did it.
ALTER TABLE consent ADD COLUMN mandate text;
ALTER TABLE stop ADD COLUMN mandate text;
ALTER TABLE dispute ADD COLUMN mandate text;

-- A change of who may act for a person is told over their channels.
ALTER TABLE push DROP CONSTRAINT push_about_check;
ALTER TABLE push ADD CONSTRAINT push_about_check CHECK (about ~ '^[a-z_]{1,20}$');
CREATE FUNCTION push_mandate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM push_to_channels('mandate', NEW.subject_ref, NEW.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER mandate_pushed AFTER INSERT OR UPDATE OF ended_ms ON mandate
  FOR EACH ROW EXECUTE FUNCTION push_mandate();

-- Of a request to let data be given to bureaus: the contract that it is about, as the lender names it. Such a request
-- and its consent have the kind 'provide', no purposes, and are never spent.
ALTER TABLE consent_request ADD COLUMN contract text;

-- A lender says that somebody has agreed with the help of its officers: its signed statement and the code that was
-- sent to the person, both sealed, until the lender brings the code back. One that nobody stands behind looks the same.
CREATE TABLE assisted_consent (
  subject_ref text    NOT NULL,
  id          uuid    NOT NULL,
  digest      text    NOT NULL,
  request     uuid    NOT NULL,
  lender      text    NOT NULL,
  statement   bytea   NOT NULL,
  code        bytea   NOT NULL,
  tries       integer NOT NULL,
  expires_ms  bigint  NOT NULL,
  consent     uuid,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);
CREATE INDEX assisted_consent_lender ON assisted_consent (lender, id);
CREATE INDEX assisted_consent_request ON assisted_consent (request);
DO $$
BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF assisted_consent FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                   'assisted_consent_p' || part, part);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (tries, consent) ON assisted_consent TO causeway_app;

-- Of a consent that is valid only from when nobody can object any more: when it was agreed to.
ALTER TABLE consent ADD COLUMN given_ms bigint;
CREATE FUNCTION push_assisted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM push_to_channels('assisted', NEW.subject_ref, NEW.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER assisted_pushed AFTER INSERT ON consent
  FOR EACH ROW WHEN (NEW.strength = 'assisted') EXECUTE FUNCTION push_assisted();
