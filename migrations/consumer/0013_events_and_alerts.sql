-- What happened about a subject, told thinly: a type, a state and the id of a thing of theirs; never who or why. The
-- database writes these rows itself, in the transaction of what happened, so that no code that changes the rows below
-- can forget them. They are kept for a week, for readers that come back.
--
-- xact, seq: numbers are given before the commit and seen after it, so that a smaller one may come to light later than
-- a greater one. What lies below the oldest transaction under way is complete, and is read up to there only.
CREATE SEQUENCE subject_event_seq AS bigint;
CREATE TABLE subject_event (
  subject_ref text        NOT NULL,
  xact        xid8        NOT NULL DEFAULT pg_current_xact_id(),
  seq         bigint      NOT NULL DEFAULT nextval('subject_event_seq'),
  type        text        NOT NULL,
  state       text        NOT NULL,
  object      text        NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subject_ref, xact, seq)
) PARTITION BY HASH (subject_ref);
CREATE INDEX subject_event_age ON subject_event USING brin (at);

-- For whom a subject has opened a freeze, and until when: one row for each of their references. sequence: of the
-- freeze's status, which the grants name.
CREATE TABLE freeze_window (
  subject_ref text    NOT NULL,
  id          uuid    NOT NULL,
  freeze_id   uuid    NOT NULL,
  lender      text    NOT NULL,
  sequence    integer NOT NULL,
  from_ms     bigint  NOT NULL,
  until_ms    bigint  NOT NULL CHECK (until_ms > from_ms),
  ended_ms    bigint,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);

-- Who follows a subject's events at this moment, in whichever process: one row for each of the subject's references.
CREATE TABLE follower (
  subject_ref text   NOT NULL,
  id          uuid   NOT NULL,
  until_ms    bigint NOT NULL,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);

-- What the time alone has brought about for a consent: its end, told once, and reminders, numbered.
CREATE TABLE consent_notice (
  subject_ref text    NOT NULL,
  consent     uuid    NOT NULL,
  kind        text    NOT NULL CHECK (kind IN ('expired', 'reminder')),
  number      integer NOT NULL CHECK (number > 0),
  at_ms       bigint  NOT NULL,
  PRIMARY KEY (subject_ref, consent, kind, number)
) PARTITION BY HASH (subject_ref);

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['subject_event', 'follower', 'consent_notice', 'freeze_window']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_p' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

GRANT SELECT, DELETE ON subject_event TO causeway_app;
GRANT SELECT, INSERT, DELETE, UPDATE (until_ms) ON follower TO causeway_app;
GRANT SELECT, INSERT ON consent_notice TO causeway_app;
GRANT SELECT, INSERT, UPDATE (ended_ms) ON freeze_window TO causeway_app;

-- A hint to the processes, only where somebody follows: a notification takes a lock of the whole instance.
CREATE FUNCTION hint_followers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('subject_event', told.subject_ref) FROM (SELECT DISTINCT subject_ref FROM added) AS told
  WHERE EXISTS (SELECT FROM follower WHERE follower.subject_ref = told.subject_ref);
  RETURN NULL;
END $$;
CREATE TRIGGER followers_hinted AFTER INSERT ON subject_event REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION hint_followers();

-- History is written in batches, and told in batches.
CREATE FUNCTION tell_accesses() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO subject_event (subject_ref, type, state, object)
  SELECT subject_ref, 'access', outcome, id::text FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER accesses_told AFTER INSERT ON access REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION tell_accesses();

-- Everything else comes one by one: the arguments are the type of the event, the column of its state (or, behind a
-- "=", the state) and the column of its object.
CREATE FUNCTION tell_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  told jsonb := to_jsonb(NEW);
  state text := TG_ARGV[1];
BEGIN
  INSERT INTO subject_event (subject_ref, type, state, object)
  VALUES (told ->> 'subject_ref', TG_ARGV[0],
          CASE WHEN state LIKE '=%' THEN substr(state, 2) ELSE told ->> state END, told ->> TG_ARGV[2]);
  RETURN NULL;
END $$;
CREATE TRIGGER request_told AFTER INSERT OR UPDATE OF status ON consent_request
  FOR EACH ROW EXECUTE FUNCTION tell_row('request', 'status', 'id');
CREATE TRIGGER consent_told AFTER INSERT OR UPDATE OF state ON consent
  FOR EACH ROW EXECUTE FUNCTION tell_row('consent', 'state', 'id');
CREATE TRIGGER consent_notice_told AFTER INSERT ON consent_notice
  FOR EACH ROW EXECUTE FUNCTION tell_row('consent', 'kind', 'consent');
CREATE TRIGGER freeze_told AFTER INSERT ON stop
  FOR EACH ROW WHEN (NEW.freeze_id IS NOT NULL) EXECUTE FUNCTION tell_row('freeze', 'action', 'freeze_id');
CREATE TRIGGER window_told AFTER INSERT OR UPDATE OF ended_ms ON freeze_window
  FOR EACH ROW EXECUTE FUNCTION tell_row('freeze', '=window', 'freeze_id');
CREATE TRIGGER ack_told AFTER UPDATE OF acked_ms ON status_delivery
  FOR EACH ROW WHEN (OLD.acked_ms IS NULL AND NEW.acked_ms IS NOT NULL)
  EXECUTE FUNCTION tell_row('acknowledgement', '=received', 'sequence');

CREATE TRIGGER dispute_told AFTER INSERT OR UPDATE OF state ON dispute
  FOR EACH ROW EXECUTE FUNCTION tell_row('dispute', 'state', 'id');
CREATE TRIGGER passkey_told AFTER INSERT OR UPDATE OF removed_ms ON passkey
  FOR EACH ROW EXECUTE FUNCTION tell_row('passkey', '=changed', 'id');

CREATE FUNCTION tell_used_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO subject_event (subject_ref, type, state, object)
  VALUES (NEW.subject_ref, 'consent', 'used_up', NEW.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER consent_used_up_told AFTER UPDATE OF uses ON consent
  FOR EACH ROW WHEN (NEW.uses >= NEW.max_uses AND OLD.uses < NEW.max_uses) EXECUTE FUNCTION tell_used_up();

-- For the sweeper of ends and reminders; its one row says up to when all has been told.
CREATE INDEX consent_end ON consent (valid_until_ms) WHERE state <> 'revoked';
CREATE INDEX consent_begin ON consent (valid_from_ms) WHERE state <> 'revoked' AND max_uses > 1;
CREATE TABLE consent_sweep (
  single   boolean PRIMARY KEY CHECK (single),
  until_ms bigint  NOT NULL
);
GRANT SELECT, INSERT, UPDATE (until_ms) ON consent_sweep TO causeway_app;

-- What the lender declares of its offer: name, amount and currency, yearly rate, all as text.
ALTER TABLE consent_request ADD COLUMN product jsonb;
