-- In a large ledger each index on digests writes a page anew for almost every leaf. Nobody looks a leaf up by
-- its inquiry: the reconciler pairs legs in tables of its own. And one leaf per digest needs no more of the
-- digest than 168 bits, which are half the pages.
CREATE FUNCTION leaf_key(digest text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN decode(translate(substr(digest, 9, 28), '-_', '+/'), 'base64');

DROP INDEX leaf_inquiry;
ALTER TABLE leaf DROP CONSTRAINT leaf_digest_key;
CREATE UNIQUE INDEX leaf_one_per_digest ON leaf (leaf_key(digest));
