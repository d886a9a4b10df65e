-- What a ledger must not choke on, and when an alarm about one is over. The same text in every service.

-- Integration takes a digest for its 32 bytes. One that is none would stop it for good, and its statement
-- could never be proven: so it is refused with its statement.
ALTER TABLE leaf_staging
  ADD CONSTRAINT leaf_staging_digest CHECK (digest ~ '^sha-256:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$');

-- Alarms that are over, each once and for ever: what was seen is kept, and what it was about is put right.
CREATE TABLE ledger_alarm_closed (
  alarm bigint PRIMARY KEY REFERENCES ledger_alarm,
  at_ms bigint NOT NULL,
  reason text NOT NULL
);

GRANT SELECT, INSERT ON ledger_alarm_closed TO causeway_app;
