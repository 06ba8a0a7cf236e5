"""What every package may use: the exception tree and atomic writes."""
