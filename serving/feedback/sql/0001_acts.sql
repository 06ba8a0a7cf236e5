-- Version 1. One row per act of a person or a program on one account. Rows are added, never changed, never deleted: a later
-- row that names an earlier one in `supersedes` stands in its place, and one of the kind 'withdraw' takes it back.

CREATE TABLE acts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  account_id TEXT NOT NULL CHECK (length(account_id) BETWEEN 1 AND 200),
  week TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (
    kind IN ('reason', 'acknowledge', 'snooze', 'assign', 'note', 'intervention', 'withdraw')),
  supersedes INTEGER UNIQUE REFERENCES acts (number),
  reason TEXT CHECK (length(reason) <= 1000),
  feature TEXT CHECK (length(feature) <= 200),
  verdict TEXT CHECK (verdict IN ('useful', 'known', 'wrong')),
  until TEXT,
  csm TEXT CHECK (length(csm) <= 200),
  note TEXT CHECK (length(note) <= 2000),
  playbook TEXT CHECK (length(playbook) <= 300),
  started_on TEXT,
  ended_on TEXT,
  cost REAL CHECK (cost >= 0)
);

CREATE INDEX acts_by_account ON acts (account_id, number);

CREATE TRIGGER acts_are_never_changed BEFORE UPDATE ON acts
BEGIN
  SELECT RAISE(ABORT, 'an act is never changed: add one that supersedes it');
END;

CREATE TRIGGER acts_are_never_deleted BEFORE DELETE ON acts
BEGIN
  SELECT RAISE(ABORT, 'an act is never deleted: add one that withdraws it');
END;
