-- The durable steps of many inquiries in one statement each, and answers that come after the first report.

-- Grants of one round, those of the bureaus and the broker's own, as one box written before they are presented: after a
-- crash a bureau answers with the disclosure that it stored under an earlier one. The first round's box holds the
-- consent too. `round` is the digest of the first grant in it.
CREATE TABLE inquiry_round (
  inquiry     text    NOT NULL,
  round       text    NOT NULL,
  box         bytea   NOT NULL,
  PRIMARY KEY (inquiry, round)
);
DROP TABLE inquiry_grant;
ALTER TABLE inquiry DROP COLUMN consent;

-- How many disclosures a version cites: more of them make the next version.
ALTER TABLE inquiry_report ADD COLUMN disclosures integer NOT NULL DEFAULT 0;

-- A check per row costs more than the row. All tables are keyed by the inquiry first, and what is erased is erased
-- table by table under that key.
ALTER TABLE inquiry_bureau DROP CONSTRAINT inquiry_bureau_inquiry_fkey;
ALTER TABLE inquiry_disclosure DROP CONSTRAINT inquiry_disclosure_inquiry_bureau_fkey;
ALTER TABLE inquiry_report DROP CONSTRAINT inquiry_report_inquiry_fkey;
ALTER TABLE inquiry_outbox DROP CONSTRAINT inquiry_outbox_inquiry_fkey;
ALTER TABLE refusal_outbox DROP CONSTRAINT refusal_outbox_inquiry_fkey;

-- Sealed bytes do not compress; trying costs more than writing them.
ALTER TABLE inquiry ALTER COLUMN statement SET STORAGE EXTERNAL;
ALTER TABLE inquiry_round ALTER COLUMN box SET STORAGE EXTERNAL;
ALTER TABLE inquiry_disclosure ALTER COLUMN disclosure SET STORAGE EXTERNAL;
ALTER TABLE inquiry_report ALTER COLUMN report SET STORAGE EXTERNAL;

GRANT SELECT, INSERT ON inquiry_round TO causeway_app;
