"""The stages: read, call one pure function, write. One thin module a DVC stage, and the command line."""
