-- Version 2. Commitments: the kind 'commitment' with its category and quarter. SQLite cannot widen a CHECK, so the table
-- is written anew, row for row; dropping the old one drops its index and its triggers, which are made again below as
-- 0001 made them (a script that was applied is never changed). Nobody else writes meanwhile: this is one transaction.

CREATE TABLE acts_2 (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  account_id TEXT NOT NULL CHECK (length(account_id) BETWEEN 1 AND 200),
  week TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (
    kind IN ('reason', 'acknowledge', 'snooze', 'assign', 'note', 'intervention', 'commitment', 'withdraw')),
  supersedes INTEGER UNIQUE REFERENCES acts_2 (number),
  reason TEXT CHECK (length(reason) <= 1000),
  feature TEXT CHECK (length(feature) <= 200),
  verdict TEXT CHECK (verdict IN ('useful', 'known', 'wrong')),
  until TEXT,
  csm TEXT CHECK (length(csm) <= 200),
  note TEXT CHECK (length(note) <= 2000),
  playbook TEXT CHECK (length(playbook) <= 300),
  started_on TEXT,
  ended_on TEXT,
  cost REAL CHECK (cost >= 0),
  category TEXT CHECK (category IN ('commit', 'best_case', 'at_risk')),
  quarter TEXT CHECK ((kind = 'commitment') = (quarter IS NOT NULL AND category IS NOT NULL))
);

INSERT INTO acts_2 (number, at, who, account_id, week, kind, supersedes, reason, feature, verdict, until, csm, note,
  playbook, started_on, ended_on, cost)
SELECT number, at, who, account_id, week, kind, supersedes, reason, feature, verdict, until, csm, note,
  playbook, started_on, ended_on, cost
FROM acts ORDER BY number;

-- Numbers go on where they were: those of acts that were forgotten are never given again.
DELETE FROM sqlite_sequence WHERE name = 'acts_2';
INSERT INTO sqlite_sequence (name, seq) SELECT 'acts_2', seq FROM sqlite_sequence WHERE name = 'acts';

DROP TABLE acts;

ALTER TABLE acts_2 RENAME TO acts;

CREATE INDEX acts_by_account ON acts (account_id, number);

CREATE TRIGGER acts_are_never_changed BEFORE UPDATE ON acts
BEGIN
  SELECT RAISE(ABORT, 'an act is never changed: add one that supersedes it');
END;

CREATE TRIGGER acts_are_never_deleted BEFORE DELETE ON acts
BEGIN
  SELECT RAISE(ABORT, 'an act is never deleted: add one that withdraws it');
END;
