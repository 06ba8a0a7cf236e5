"""Who may see what: users, sessions, keys, the audit log, and the check that every request passes."""
