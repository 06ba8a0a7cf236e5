"""The facts that a run finds, typed: `models` makes them, `reports` puts them into words, neither imports the other."""
