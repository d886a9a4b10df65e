-- Warrants, each with the one inquiry that was signed for it. The act and its signatures are in officer_act.
CREATE TABLE warrant (
  digest  text PRIMARY KEY REFERENCES officer_act (digest),
  inquiry text NOT NULL,
  at_ms   bigint NOT NULL
);

GRANT SELECT, INSERT ON warrant TO causeway_app;
