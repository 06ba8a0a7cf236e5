"""Is the model still good? Drift of what goes in and out, and performance before and after labels are known."""
