-- Where in the mapping the value of a rejected line was read: a JSON pointer, where there is one.

ALTER TABLE rejection ADD COLUMN pointer text;
