-- Disputed items that lie in a native system: their keys, a digest of what they said, and how they are shown. Never
-- their content. A bureau with a store of its own has no rows here.

-- record_id: the bureau's own id of the item, under this reference. digest: over what the item said when the dispute was
-- taken, or when its time ran out; null where that is not known, and whatever it says is meant. state: `marked` while the
-- dispute is open; then `over`, `noted` for good where nobody could find out, `corrected`, or `withheld`. added_on: the
-- day of the mark or note. Append only but for how it ends.
CREATE TABLE native_item (
  subject_ref text NOT NULL,
  record text NOT NULL,
  record_id text NOT NULL,
  dispute text NOT NULL,
  digest text,
  state text NOT NULL CHECK (state IN ('marked', 'noted', 'corrected', 'withheld', 'over')),
  added_on text NOT NULL,
  from_ms bigint NOT NULL,
  state_ms bigint NOT NULL,
  PRIMARY KEY (subject_ref, record, record_id, dispute)
) PARTITION BY HASH (subject_ref);

DO $$
BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF native_item FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                   'native_item_' || part, part);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON native_item TO causeway_app;
GRANT UPDATE (digest, state, added_on, state_ms) ON native_item TO causeway_app;
