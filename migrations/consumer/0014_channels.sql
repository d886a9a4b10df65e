-- Where a person wants to be told that something has happened: an address of theirs, sealed, that they have confirmed
-- with the code that was sent to it. code: sealed, until it has been confirmed.
CREATE TABLE channel (
  subject_ref  text    NOT NULL,
  id           uuid    NOT NULL,
  kind         text    NOT NULL CHECK (kind IN ('email', 'webhook')),
  target       bytea   NOT NULL,
  code         bytea   NOT NULL,
  tries        integer NOT NULL DEFAULT 0,
  created_ms   bigint  NOT NULL,
  confirmed_ms bigint,
  removed_ms   bigint,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);

-- What is to be told over a channel, written with what happened and sent until it has been taken, or for a day.
-- about: a line of history, the code of the channel itself, or a change of the person's channels. of_ref: under which
-- reference the line stands. ended: sent, nothing to tell after all, or given up.
CREATE TABLE push (
  subject_ref text    NOT NULL,
  id          uuid    NOT NULL DEFAULT gen_random_uuid(),
  channel     uuid    NOT NULL,
  about       text    NOT NULL CHECK (about IN ('access', 'code', 'added', 'removed', 'reminder', 'passkey')),
  of_ref      text    NOT NULL,
  object      text    NOT NULL,
  attempts    integer NOT NULL DEFAULT 0,
  next_ms     bigint  NOT NULL DEFAULT 0,
  ended       text    CHECK (ended IN ('sent', 'nothing', 'failed')),
  ended_ms    bigint,
  PRIMARY KEY (subject_ref, id),
  CHECK ((ended IS NULL) = (ended_ms IS NULL))
) PARTITION BY HASH (subject_ref);
CREATE INDEX push_due ON push (next_ms) WHERE ended IS NULL;
CREATE INDEX push_sent ON push (subject_ref, channel, ended_ms);
CREATE INDEX push_age ON push USING brin (ended_ms);

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['channel', 'push']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_p' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE (tries, confirmed_ms, removed_ms) ON channel TO causeway_app;
GRANT SELECT, INSERT, DELETE, UPDATE (attempts, next_ms, ended, ended_ms) ON push TO causeway_app;

-- Puts something into the outbox of every channel of a person, under whichever of their references it stands.
CREATE FUNCTION push_to_channels(about text, ref text, object text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO push (subject_ref, channel, about, of_ref, object)
  SELECT channel.subject_ref, channel.id, push_to_channels.about, ref, push_to_channels.object
  FROM (SELECT ref AS one
        UNION SELECT other.subject_ref FROM subject_link AS mine JOIN subject_link AS other USING (first_ref)
        WHERE mine.subject_ref = ref) AS refs
  JOIN channel ON channel.subject_ref = refs.one
  WHERE channel.confirmed_ms IS NOT NULL AND channel.removed_ms IS NULL
$$;
REVOKE ALL ON FUNCTION push_to_channels FROM PUBLIC;
GRANT EXECUTE ON FUNCTION push_to_channels TO causeway_app;

CREATE OR REPLACE FUNCTION tell_accesses() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO subject_event (subject_ref, type, state, object)
  SELECT subject_ref, 'access', outcome, id::text FROM added;
  -- Where nobody has a channel, as in a batch of strangers, this is one look.
  IF EXISTS (SELECT FROM channel) THEN
    PERFORM push_to_channels('access', subject_ref, id::text) FROM added;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION push_reminder() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM push_to_channels('reminder', NEW.subject_ref, NEW.consent::text);
  RETURN NULL;
END $$;
CREATE TRIGGER reminder_pushed AFTER INSERT ON consent_notice
  FOR EACH ROW WHEN (NEW.kind = 'reminder') EXECUTE FUNCTION push_reminder();

-- A change of the person's passkeys is told on the channels that were there before it.
CREATE FUNCTION push_passkey() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM push_to_channels('passkey', NEW.subject_ref, NEW.id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER passkey_pushed AFTER INSERT ON passkey_notice FOR EACH ROW EXECUTE FUNCTION push_passkey();

-- A person's own words that somebody may be acting in their name, until when lenders are told. One row for each of
-- their references.
CREATE TABLE fraud_alert (
  subject_ref text   NOT NULL,
  id          uuid   NOT NULL,
  text        text   NOT NULL,
  placed_ms   bigint NOT NULL,
  until_ms    bigint NOT NULL CHECK (until_ms > placed_ms),
  ended_ms    bigint,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);
DO $$
BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF fraud_alert FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                   'fraud_alert_p' || part, part);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (ended_ms) ON fraud_alert TO causeway_app;
CREATE TRIGGER fraud_alert_told AFTER INSERT OR UPDATE OF ended_ms ON fraud_alert
  FOR EACH ROW EXECUTE FUNCTION tell_row('freeze', '=alert', 'id');
