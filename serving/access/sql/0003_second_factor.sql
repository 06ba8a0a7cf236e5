-- Version 3. One row per local user with a second factor, or with one that waits for its first code (`confirmed_at` is
-- then ''). `last_step` is the half-minute of the code that was used last: no code of it or before it counts again.

CREATE TABLE second_factors (
  user TEXT PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE, secret TEXT NOT NULL, confirmed_at TEXT NOT NULL,
  last_step INTEGER NOT NULL);

-- One row per recovery code that was not used yet; `code` is its SHA-256.
CREATE TABLE recovery_codes (
  user TEXT NOT NULL REFERENCES second_factors (user) ON DELETE CASCADE, code TEXT NOT NULL, PRIMARY KEY (user, code));
