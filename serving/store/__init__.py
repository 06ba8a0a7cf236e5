"""Where published weeks are kept and read: a folder of results, or PostgreSQL."""
