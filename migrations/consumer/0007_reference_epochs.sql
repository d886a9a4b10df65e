-- The name of a cached reference says its epoch from now on. What was cached is computed once more.
TRUNCATE subject_ref_cache;

GRANT SELECT, INSERT ON subject_ref_cache TO causeway_app;
