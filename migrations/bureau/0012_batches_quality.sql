-- Signed batches: what a bureau said of a file when it took it, and the digest of that, which every record of the
-- file names. Null only for files taken before; one that comes again is given its statement then.
ALTER TABLE batch ADD COLUMN statement text;
ALTER TABLE batch ADD COLUMN statement_digest text;

GRANT SELECT, INSERT, UPDATE ON batch TO causeway_app;
