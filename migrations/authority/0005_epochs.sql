-- A bureau derives every reference in both epochs of a re-key, so each epoch has a budget of its own.
ALTER TABLE blind_budget ADD COLUMN epoch text NOT NULL DEFAULT '1';
ALTER TABLE blind_budget ALTER COLUMN epoch DROP DEFAULT;
ALTER TABLE blind_budget DROP CONSTRAINT blind_budget_pkey, ADD PRIMARY KEY (member, epoch, day);

GRANT SELECT, INSERT, UPDATE (used) ON blind_budget TO causeway_app;
