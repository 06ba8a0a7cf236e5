"""The health score and the tuning of its weights."""
