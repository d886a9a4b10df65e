-- A line of history that a law keeps from its subject for a while: shown_from_ms says from when on it is shown, null at
-- once. shown_as: the rule, the days and the source of that, whether it tells its moment or its day, and in which
-- capacity the subject is named in what somebody else has applied for. Both are written with the line and never
-- changed: another policy later shows nothing earlier and hides nothing that was shown.
ALTER TABLE access ADD COLUMN shown_from_ms bigint CHECK (shown_from_ms > at_ms);
ALTER TABLE access ADD COLUMN shown_as jsonb;
CREATE INDEX access_late ON access (shown_from_ms) WHERE shown_from_ms IS NOT NULL;

-- Who is told of a stop only because of a grant that the subject does not know of yet is named to them from that day
-- on: shown_from_ms. told_until_ms: when the last grant ends that the subject knows of.
ALTER TABLE status_delivery ADD COLUMN shown_from_ms bigint;
ALTER TABLE status_delivery ADD COLUMN told_until_ms bigint;
UPDATE status_delivery SET told_until_ms = live_until_ms WHERE live_until_ms IS NOT NULL;
DROP TRIGGER ack_told ON status_delivery;
CREATE TRIGGER ack_told AFTER UPDATE OF acked_ms ON status_delivery
  FOR EACH ROW WHEN (OLD.acked_ms IS NULL AND NEW.acked_ms IS NOT NULL AND NEW.shown_from_ms IS NULL)
  EXECUTE FUNCTION tell_row('acknowledgement', '=received', 'sequence');

-- Nothing is told of a late line before its day.
CREATE OR REPLACE FUNCTION tell_accesses() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO subject_event (subject_ref, type, state, object)
  SELECT subject_ref, 'access', outcome, id::text FROM added WHERE shown_from_ms IS NULL;
  -- Where nobody has a channel, as in a batch of strangers, this is one look.
  IF EXISTS (SELECT FROM channel) THEN
    PERFORM push_to_channels('access', subject_ref, id::text) FROM added WHERE shown_from_ms IS NULL;
  END IF;
  RETURN NULL;
END $$;

-- Tells of the lines whose day has come between two moments; the row of late_line_sweep, locked, makes it once.
CREATE TABLE late_line_sweep (
  single   boolean PRIMARY KEY CHECK (single),
  until_ms bigint  NOT NULL
);
GRANT SELECT, INSERT, UPDATE (until_ms) ON late_line_sweep TO causeway_app;
CREATE FUNCTION tell_late_accesses(from_ms bigint, until_ms bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO subject_event (subject_ref, type, state, object)
  SELECT subject_ref, 'access', outcome, id::text FROM access
  WHERE shown_from_ms > from_ms AND shown_from_ms <= until_ms ORDER BY seq;
  PERFORM push_to_channels('access', subject_ref, id::text) FROM access
  WHERE shown_from_ms > from_ms AND shown_from_ms <= until_ms;
END $$;
REVOKE ALL ON FUNCTION tell_late_accesses FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tell_late_accesses TO causeway_app;

-- The receipt of a window of a freeze: a status that is addressed to nobody else, beside those of the freeze itself.
ALTER TABLE stop ADD COLUMN window_id uuid;

-- A person who wants to be recalled of standing consents no more. One row for each of their references; since_ms null
-- where they want it again.
CREATE TABLE reminder_stop (
  subject_ref text   PRIMARY KEY,
  since_ms    bigint
);
GRANT SELECT, INSERT, UPDATE (since_ms) ON reminder_stop TO causeway_app;

-- Whether the broker has written the report that a lender names for a decision: its ledger is asked, and until it has
-- answered, at next_ms again, it is the lender's word. Null: nothing is left to ask.
ALTER TABLE adverse_action ADD COLUMN checked text NOT NULL DEFAULT 'unconfirmed'
  CHECK (checked IN ('unconfirmed', 'confirmed', 'denied'));
ALTER TABLE adverse_action ADD COLUMN attempts integer NOT NULL DEFAULT 0;
ALTER TABLE adverse_action ADD COLUMN next_ms bigint;
UPDATE adverse_action SET next_ms = 0;
CREATE INDEX adverse_action_due ON adverse_action (next_ms) WHERE next_ms IS NOT NULL;
GRANT UPDATE (checked, attempts, next_ms) ON adverse_action TO causeway_app;
