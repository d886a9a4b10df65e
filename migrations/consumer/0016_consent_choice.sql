-- What a subject may leave out of a request, and has: `optional` is the lender's word on it, `asked` holds the
-- categories and bureaus of a request that was narrowed, whose own are then those that are left.
ALTER TABLE consent_request ADD COLUMN optional jsonb;
ALTER TABLE consent_request ADD COLUMN asked jsonb;
-- At most so many uses in a calendar day or month.
ALTER TABLE consent_request ADD COLUMN frequency jsonb;

GRANT UPDATE (categories, bureaus, asked, form, form_digest) ON consent_request TO causeway_app;
