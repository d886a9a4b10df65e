-- A record's JSON as it was checked, byte for byte: it travels unread, nothing in the database looks into it, and
-- jsonb would write it anew, with spaces, at every reading.
ALTER TABLE record ALTER COLUMN body TYPE text USING body::text;
