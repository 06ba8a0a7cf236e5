"""Who may see what: users, sessions, keys, the audit log, and the middleware that checks every request."""
