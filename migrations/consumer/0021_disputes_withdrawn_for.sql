-- Under which mandate a dispute was taken back; null where the subject did it, or nobody has. Of those from before it is
-- not known, and they are shown as the subject's.
ALTER TABLE dispute ADD COLUMN withdrawn_mandate text;
GRANT UPDATE (withdrawn_mandate) ON dispute TO causeway_app;
