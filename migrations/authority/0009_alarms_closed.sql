-- Alarms of the reconciler that are over, each once: what was missing has come after all. The alarm stays.
CREATE TABLE reconciliation_alarm_closed (
  alarm bigint PRIMARY KEY REFERENCES reconciliation_alarm,
  at_ms bigint NOT NULL
);
CREATE INDEX reconciliation_alarm_inquiry ON reconciliation_alarm (inquiry) WHERE inquiry IS NOT NULL;

GRANT SELECT, INSERT ON reconciliation_alarm_closed TO causeway_app;
