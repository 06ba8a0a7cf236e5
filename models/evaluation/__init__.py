"""What predictions are worth: metrics, curves, drift, accounts like this one."""
