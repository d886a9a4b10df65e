-- The lane in which an inquiry was accepted, so that whoever queues it again queues it there; and how often
-- its work has failed by a fault of its own, which a slow bureau or a store that is away is not.
ALTER TABLE inquiry_outbox
  ADD COLUMN lane     text    NOT NULL DEFAULT 'front' CHECK (lane IN ('front', 'monitoring', 'batch')),
  ADD COLUMN failures integer NOT NULL DEFAULT 0;
DROP INDEX inquiry_outbox_due;
CREATE INDEX inquiry_outbox_due ON inquiry_outbox (lane, next_at_ms);

-- An inquiry whose work was given up. It stays in the outbox, where its next_at_ms is the moment at which it
-- is closed as failed; until then an operator may replay it. Parked as long as replayed_ms is null and the
-- inquiry is open.
CREATE TABLE dead_letter (
  inquiry     text    PRIMARY KEY REFERENCES inquiry (inquiry) ON DELETE CASCADE,
  reason      text    NOT NULL CHECK (reason IN ('failed', 'timed_out', 'crashed')),
  code        text    NOT NULL,
  -- runs that failed, over all its times of being parked
  attempts    integer NOT NULL,
  parked_ms   bigint  NOT NULL,
  replayed_ms bigint
);
CREATE INDEX dead_letter_parked ON dead_letter (parked_ms) WHERE replayed_ms IS NULL;

GRANT SELECT, INSERT, UPDATE ON dead_letter TO causeway_app;
