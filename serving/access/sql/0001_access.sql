-- Version 1. Who may log in, their sessions, the keys of programs, and the audit log. A file that Rind wrote before it
-- counted versions has these tables already.

CREATE TABLE IF NOT EXISTS users (
  name TEXT PRIMARY KEY, password TEXT NOT NULL, role TEXT NOT NULL, csm TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
  token TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  csrf TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, secret TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, csm TEXT NOT NULL,
  created_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT);
CREATE TABLE IF NOT EXISTS audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, path TEXT NOT NULL,
  detail TEXT NOT NULL, address TEXT NOT NULL, status INTEGER NOT NULL);
