-- The epochs of references under which all records of a batch are stored; null until the first chunk. A file
-- that comes again in a new epoch is taken again, and stored under that epoch's references too.
ALTER TABLE batch ADD COLUMN stored_under text[];
UPDATE batch SET stored_under = '{1}' WHERE state = 'complete';
ALTER TABLE batch ADD COLUMN again boolean NOT NULL DEFAULT false;

GRANT SELECT, INSERT, UPDATE ON batch TO causeway_app;
