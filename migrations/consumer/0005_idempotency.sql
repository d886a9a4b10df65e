-- An Idempotency-Key keeps a refusal as it keeps an answer, and is forgotten when nobody can be trying again
-- any more.
ALTER TABLE idempotency
  ALTER COLUMN answer DROP NOT NULL,
  ADD COLUMN refusal text,
  ADD CHECK ((answer IS NULL) <> (refusal IS NULL));
CREATE INDEX idempotency_age ON idempotency (created_ms);

GRANT DELETE ON idempotency TO causeway_app;
