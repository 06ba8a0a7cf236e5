"""Guards of source tables: too odd, or too good, to be right. `features.guards.source.source_guards` is the door."""
