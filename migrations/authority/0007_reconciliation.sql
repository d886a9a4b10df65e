-- What the reconciler has read of every ledger, and what it has found. Nothing here says whom a statement is
-- about.

-- How far each member's ledger has been read.
CREATE TABLE ledger_position (
  member       text PRIMARY KEY,
  -- The index that is read next; what lies below is in opening.
  next         bigint NOT NULL DEFAULT 0 CHECK (next >= 0),
  -- The largest tree that the member has ever shown.
  size         bigint NOT NULL DEFAULT 0 CHECK (size >= next),
  -- Where reading again what was read before goes on.
  again        bigint NOT NULL DEFAULT 0,
  -- By the authority's clock: the last answer, and the moment before which whatever was committed has been read.
  read_at_ms   bigint,
  read_through_ms bigint
);

-- Every leaf as it was first read; never changed.
CREATE TABLE opening (
  member  text NOT NULL,
  idx     bigint NOT NULL CHECK (idx >= 0),
  digest  text NOT NULL,
  typ     text NOT NULL,
  inquiry text,
  use     bigint,
  iss     text NOT NULL,
  aud     text NOT NULL,
  at_ms   bigint NOT NULL,
  seen_ms bigint NOT NULL,
  PRIMARY KEY (member, idx)
);
CREATE INDEX opening_inquiry ON opening (inquiry) WHERE inquiry IS NOT NULL;

-- One row per inquiry that any ledger names: to be judged from due_ms on, or null where all of it is judged.
CREATE TABLE reconciled (
  inquiry text PRIMARY KEY,
  due_ms  bigint,
  -- How often legs have come, so that a judgement which did not see the last of them settles nothing.
  version bigint NOT NULL DEFAULT 1,
  -- Legs that have what they need.
  paired  bigint NOT NULL DEFAULT 0
);
CREATE INDEX reconciled_due ON reconciled (due_ms) WHERE due_ms IS NOT NULL;

-- The sum of reconciled.paired, so that nobody has to count.
CREATE TABLE reconciled_total (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  paired   bigint NOT NULL
);
INSERT INTO reconciled_total (paired) VALUES (0);

-- What was found; never changed, and found once.
CREATE TABLE reconciliation_alarm (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind    text NOT NULL,
  member  text NOT NULL,
  idx     bigint NOT NULL,
  inquiry text,
  use     bigint,
  at_ms   bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (kind, member, idx, inquiry, use)
);

GRANT SELECT, INSERT, UPDATE ON ledger_position, reconciled TO causeway_app;
GRANT SELECT, UPDATE ON reconciled_total TO causeway_app;
GRANT SELECT, INSERT ON opening, reconciliation_alarm TO causeway_app;
