-- Since when a freeze stands that restricts the subject (they want to be erased), by the clock of this node: an erasure is
-- obeyed when what is held here has been kept for long enough since. Null under any other status.
ALTER TABLE subject_status ADD COLUMN restricts_from_ms bigint;

-- A freeze's stop that restricts: every node is told of it.
ALTER TABLE stop ADD COLUMN restricts boolean NOT NULL DEFAULT false;

-- The statement for a node names the freeze as that node has acknowledged it: null until it has.
ALTER TABLE erasure_delivery ALTER COLUMN digest DROP NOT NULL, ALTER COLUMN statement DROP NOT NULL;
GRANT UPDATE (digest, statement) ON erasure_delivery TO causeway_app;

-- Whoever is linked with somebody who wants to be erased goes with them, under one freeze.
GRANT UPDATE (refs, freeze_id) ON erasure TO causeway_app;
