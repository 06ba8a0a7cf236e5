"""Numbers in, numbers out: splits, estimators, metrics, explanations; no engine, no paths, no tracking."""
