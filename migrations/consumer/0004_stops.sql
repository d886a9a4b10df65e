-- References of one subject, stops that are sent until they are acknowledged, and uses without a consent. Keyed by
-- subject_ref first and hash-partitioned by it, as the tables of 0002 are.

-- References that were proven to be of one subject. A reference without a row is a subject by itself. The first one
-- has a row too; it names the subject wherever one name is needed.
CREATE TABLE subject_link (
  subject_ref text   NOT NULL,
  first_ref   text   NOT NULL,
  scheme      text   NOT NULL,
  linked_ms   bigint NOT NULL,
  PRIMARY KEY (subject_ref)
) PARTITION BY HASH (subject_ref);
CREATE INDEX subject_link_first ON subject_link (first_ref);

-- One identity's will to be linked with another, proven by an id_token; the other one's token names its id.
CREATE TABLE link_request (
  subject_ref text   NOT NULL,
  id          uuid   NOT NULL,
  scheme      text   NOT NULL,
  expires_ms  bigint NOT NULL,
  PRIMARY KEY (subject_ref, id)
) PARTITION BY HASH (subject_ref);

-- stop.subject_ref is the subject's first reference at that time. A freeze's stop and its thaw's name the freeze.
ALTER TABLE stop ADD COLUMN freeze_id uuid;

-- Who must acknowledge a stop. awaited: the call waited for it, because it could still have released until
-- live_until_ms. statements: signed anew for this node, where the first came too late for it. next_ms: when it is
-- sent again unless acked_ms says that it has been acknowledged.
CREATE TABLE status_delivery (
  subject_ref   text    NOT NULL,
  sequence      integer NOT NULL,
  node          text    NOT NULL,
  awaited       boolean NOT NULL,
  live_until_ms bigint,
  statements    text[]  NOT NULL DEFAULT '{}',
  attempts      integer NOT NULL DEFAULT 0,
  next_ms       bigint  NOT NULL,
  ack           text,
  tree_size     bigint,
  acked_ms      bigint,
  PRIMARY KEY (subject_ref, sequence, node),
  CHECK ((acked_ms IS NULL) = (ack IS NULL))
) PARTITION BY HASH (subject_ref);
CREATE INDEX status_delivery_due ON status_delivery (next_ms) WHERE acked_ms IS NULL;

-- One use without a consent. `cited` is the earlier inquiry or the warrant; numbers count per cited digest.
CREATE TABLE basis_use (
  subject_ref text    NOT NULL,
  inquiry     text    NOT NULL,
  basis       text    NOT NULL,
  cited       text    NOT NULL,
  lender      text    NOT NULL,
  use         integer NOT NULL CHECK (use > 0),
  at_ms       bigint  NOT NULL,
  PRIMARY KEY (subject_ref, inquiry),
  UNIQUE (subject_ref, cited, use)
) PARTITION BY HASH (subject_ref);

DO $$
DECLARE parent text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['subject_link', 'link_request', 'status_delivery', 'basis_use']
  LOOP
    FOR part IN 0..7 LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                     parent || '_p' || part, parent, part);
    END LOOP;
  END LOOP;
END $$;

GRANT SELECT, INSERT ON subject_link, status_delivery, basis_use, subject_freeze TO causeway_app;
GRANT SELECT, INSERT, DELETE ON link_request TO causeway_app;
GRANT UPDATE (first_ref) ON subject_link TO causeway_app;
GRANT UPDATE (lifted_ms) ON subject_freeze TO causeway_app;
GRANT UPDATE (statements, attempts, next_ms, ack, tree_size, acked_ms) ON status_delivery TO causeway_app;
