"""What a source is, on its own engine: `features.profile.source.profile_source` is the door."""
