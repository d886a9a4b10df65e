-- Staff have the roles that their member's entry in the directory lists, by the provider that it names. Sessions from
-- before say neither, and end here.

DELETE FROM staff_session;
ALTER TABLE staff_session ADD COLUMN member text NOT NULL, ADD COLUMN issuer text NOT NULL;

-- Null in traces from before: all of them are of the bureau's own people.
ALTER TABLE staff_read ADD COLUMN member text;
ALTER TABLE staff_read ALTER COLUMN name DROP NOT NULL;
