-- Evidence carries the root files as the node holds them, old and new, so no directory keeps one of its own.
ALTER TABLE directory_archive DROP COLUMN root;
