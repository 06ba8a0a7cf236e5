"""Personal data: what of a person lies where, how it is forgotten, and results without names."""
