-- Files that somebody of the bureau's staff brought at the console, and who signed them off. Both are written once and
-- never changed. person: the identity provider's name of an account, name: as colleagues know them.

-- corrects: the batch of which this one carries the mended lines, where it does. One row for each person, so that none
-- of those who brought a file signs it off.
CREATE TABLE batch_upload (
  batch text NOT NULL,
  mapping text NOT NULL,
  person text NOT NULL,
  name text NOT NULL,
  corrects text,
  corrects_mapping text,
  at_ms bigint NOT NULL,
  PRIMARY KEY (batch, mapping, person),
  CHECK ((corrects IS NULL) = (corrects_mapping IS NULL))
);
CREATE INDEX batch_upload_corrects ON batch_upload (corrects, corrects_mapping) WHERE corrects IS NOT NULL;

-- The figures are those that were signed, whatever the batch counts later under another epoch of references. name: as
-- it was typed.
CREATE TABLE batch_sign_off (
  batch text NOT NULL,
  mapping text NOT NULL,
  person text NOT NULL,
  name text NOT NULL,
  statement_digest text NOT NULL,
  bytes bigint NOT NULL,
  lines bigint NOT NULL,
  accepted bigint NOT NULL,
  rejected bigint NOT NULL,
  warnings bigint NOT NULL,
  deleted bigint NOT NULL,
  at_ms bigint NOT NULL,
  PRIMARY KEY (batch, mapping)
);

GRANT SELECT, INSERT ON batch_upload, batch_sign_off TO causeway_app;
