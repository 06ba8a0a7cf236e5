-- Version 2. A session is a local user's, or one that the company's own login let in: then its name, role and book stand
-- in `company_sessions`, for no account is made. `id` names a session to people; `token` is the SHA-256 of what the
-- browser holds.

CREATE TABLE sessions_2 (
  token TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, user TEXT REFERENCES users (name) ON DELETE CASCADE,
  csrf TEXT NOT NULL, opened_at TEXT NOT NULL, expires_at TEXT NOT NULL,
  address TEXT NOT NULL, browser TEXT NOT NULL, seen_at TEXT NOT NULL);
INSERT INTO sessions_2
  SELECT token, lower(hex(randomblob(4))), user, csrf, '', expires_at, '', '', '' FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_2 RENAME TO sessions;
CREATE INDEX sessions_user ON sessions (user);

-- `provider_tokens` are encrypted with a key that only the browser's token gives: nobody can use what the file holds.
CREATE TABLE company_sessions (
  token TEXT PRIMARY KEY REFERENCES sessions (token) ON DELETE CASCADE, subject TEXT NOT NULL, name TEXT NOT NULL,
  role TEXT NOT NULL, csm TEXT NOT NULL, provider_tokens TEXT NOT NULL, checked_at TEXT NOT NULL);
