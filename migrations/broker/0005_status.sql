-- The receiving side of the status barrier, the same in every service that acknowledges: what was received once,
-- and the ack that was signed for it.

-- A resumed consent and a thawed subject keep a row, so that an older stop which comes late does not stop
-- them again.
ALTER TABLE subject_status DROP CONSTRAINT subject_status_state_check;
ALTER TABLE subject_status ADD CONSTRAINT subject_status_state_check
  CHECK (state IN ('revoked', 'paused', 'frozen', 'active'));

-- subject_ref: the first reference of the subject. ack: null between the stop and its ack.
CREATE TABLE received_status (
  subject_ref text   NOT NULL,
  iss         text   NOT NULL,
  sequence    bigint NOT NULL,
  digest      text   NOT NULL,
  ack         text,
  PRIMARY KEY (subject_ref, iss, sequence)
);

-- Heads of the directory that the authority has sent because they take rights away.
CREATE TABLE received_head (
  digest text PRIMARY KEY,
  ack    text NOT NULL
);

GRANT SELECT, INSERT ON received_status, received_head TO causeway_app;
GRANT UPDATE (ack) ON received_status TO causeway_app;
