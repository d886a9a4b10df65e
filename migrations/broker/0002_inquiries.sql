-- The broker's own tables. All are keyed by the inquiry first: '<jti>.<lender>' is the once key (iss, jti) of the
-- inquiry as one value, so the primary key is the replay guard and every key contains the partition key.
-- Times are milliseconds since the epoch, by the service's clock. Columns of type bytea hold AES-256-GCM boxes under
-- the inquiry's own data key, which is itself wrapped by the key-encryption key: destroying data_key erases them all.

CREATE TABLE inquiry (
  inquiry     text    PRIMARY KEY,
  id          uuid    NOT NULL,
  lender      text    NOT NULL,
  digest      text    NOT NULL,
  data_key    bytea   NOT NULL,
  statement   bytea   NOT NULL,
  accepted_under text NOT NULL,
  deadline_ms bigint  NOT NULL,
  accepted_ms bigint  NOT NULL,
  finished_ms bigint,
  state       text    NOT NULL CHECK (state IN ('accepted', 'running', 'complete', 'partial', 'refused', 'failed')),
  -- counts every visible change; the numbers are the ids of the events that a lender follows
  seq         integer NOT NULL DEFAULT 1,
  use         integer,
  code        text,
  consent     bytea,
  refusal     bytea,
  -- the broker refused it itself, at the door: a repeat gets the same refusal, not the 202 of an accepted one
  refused_early boolean NOT NULL DEFAULT false,
  CHECK (inquiry = id::text || '.' || lender),
  CHECK ((state IN ('complete', 'partial', 'refused', 'failed')) = (finished_ms IS NOT NULL)),
  CHECK (state NOT IN ('running', 'complete', 'partial') OR use IS NOT NULL)
);

-- One row per bureau in scope is the truth about the fan-out. attempt is the fencing number: whoever raised it last
-- may write the outcome, everybody else is late.
CREATE TABLE inquiry_bureau (
  inquiry     text    NOT NULL REFERENCES inquiry (inquiry) ON DELETE CASCADE,
  bureau      text    NOT NULL,
  state       text    NOT NULL CHECK (state IN ('waiting', 'asking', 'answered', 'empty', 'not_found', 'refused',
                                                'frozen', 'timeout', 'error', 'stale', 'skipped')),
  attempt     integer NOT NULL DEFAULT 0,
  next_at_ms  bigint  NOT NULL,
  seq         integer NOT NULL,
  code        text,
  PRIMARY KEY (inquiry, bureau)
);

-- The broker's own first grant, and every grant presented to a bureau, written before it is sent: after a crash the bureau answers with the disclosure
-- that it stored under an earlier one.
CREATE TABLE inquiry_grant (
  inquiry     text    NOT NULL,
  bureau      text    NOT NULL,
  digest      text    NOT NULL,
  grant_jws   bytea   NOT NULL,
  PRIMARY KEY (inquiry, bureau, digest),
  FOREIGN KEY (inquiry) REFERENCES inquiry (inquiry) ON DELETE CASCADE
);

CREATE TABLE inquiry_disclosure (
  inquiry     text    NOT NULL,
  bureau      text    NOT NULL,
  use         integer NOT NULL,
  digest      text    NOT NULL,
  disclosure  bytea   NOT NULL,
  grant_digest text   NOT NULL,
  verified_under text NOT NULL,
  received_ms bigint  NOT NULL,
  PRIMARY KEY (inquiry, bureau, use),
  FOREIGN KEY (inquiry, bureau) REFERENCES inquiry_bureau (inquiry, bureau) ON DELETE CASCADE
);

CREATE TABLE inquiry_report (
  inquiry     text    NOT NULL REFERENCES inquiry (inquiry) ON DELETE CASCADE,
  use         integer NOT NULL,
  version     integer NOT NULL,
  digest      text    NOT NULL,
  report      bytea   NOT NULL,
  signed_under text   NOT NULL,
  signed_ms   bigint  NOT NULL,
  PRIMARY KEY (inquiry, use, version)
);

-- A row means "accepted and not finished": the accepting transaction inserts it, the finishing one deletes it, and a
-- sweeper queues what is due. The queue itself may be lost at any time.
CREATE TABLE inquiry_outbox (
  inquiry     text    PRIMARY KEY REFERENCES inquiry (inquiry) ON DELETE CASCADE,
  next_at_ms  bigint  NOT NULL,
  -- runs that did not finish it, and sweeps
  attempts    integer NOT NULL DEFAULT 0
);
CREATE INDEX inquiry_outbox_due ON inquiry_outbox (next_at_ms);

-- Early refusals on their way to the subject's history at the consumer service.
CREATE TABLE refusal_outbox (
  inquiry     text    PRIMARY KEY REFERENCES inquiry (inquiry) ON DELETE CASCADE,
  next_at_ms  bigint  NOT NULL,
  attempt     integer NOT NULL DEFAULT 0
);
CREATE INDEX refusal_outbox_due ON refusal_outbox (next_at_ms);

-- The directory heads and entries under which statements were judged, kept for evidence; not personal.
CREATE TABLE directory_archive (
  head_digest text    PRIMARY KEY,
  version     integer NOT NULL,
  root        text    NOT NULL,
  head        text    NOT NULL,
  entries     text[]  NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON inquiry, inquiry_bureau TO causeway_app;
GRANT SELECT, INSERT ON inquiry_grant, inquiry_disclosure, inquiry_report, directory_archive TO causeway_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON inquiry_outbox, refusal_outbox TO causeway_app;
