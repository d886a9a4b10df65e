-- Signed batches: what a bureau said of a file when it took it, and the digest of that, which every record of the
-- file names. Null only for files taken before; one that comes again is given its statement then.
ALTER TABLE batch ADD COLUMN statement text;
ALTER TABLE batch ADD COLUMN statement_digest text;

GRANT SELECT, INSERT, UPDATE ON batch TO causeway_app;

-- Counts behind the index of data quality (docs/quality.md), by provider and by the month in which its files came,
-- 'YYYY-MM' where the bureaus are. They grow in the transaction of the lines that they count.
CREATE TABLE quality_count (
  provider text NOT NULL,
  month text NOT NULL,
  counter text NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (provider, month, counter)
);

GRANT SELECT, INSERT, UPDATE ON quality_count TO causeway_app;
