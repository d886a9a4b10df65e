-- Answers of many inquiries in one transaction each.

-- The categories that let a record out as it is, in one text, sorted; null where nothing does. Under all of them the
-- stored text travels unread.
ALTER TABLE record ADD COLUMN opened_by text;

-- Sealed bytes do not compress; trying costs more than writing them.
ALTER TABLE answer ALTER COLUMN statement SET STORAGE EXTERNAL;
