-- The root files that this node has followed from its anchor, by version, the same in every service's
-- database. They are only ever added to: nobody brings a node back to an older one.
CREATE TABLE root_file (
  version bigint PRIMARY KEY CHECK (version > 0),
  body text NOT NULL
);
-- Before this there was one version, which the state named.
INSERT INTO root_file (version, body) SELECT 1, root FROM directory_state;
ALTER TABLE directory_state DROP COLUMN root;

GRANT SELECT, INSERT ON root_file TO causeway_app;
