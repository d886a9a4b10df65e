-- Since when a freeze stands that restricts the subject (they want to be erased), by the clock of this node: an erasure is
-- obeyed when what is held here has been kept for long enough since. Null under any other status.
ALTER TABLE subject_status ADD COLUMN restricts_from_ms bigint;
