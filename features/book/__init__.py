"""The book of business in the engine: revenue by movement, and the numbers of customer success by month."""
