"""Guards of results: too good to be true, or far from what the past leads one to expect.

`models.guards.result.model_guards` is the door.
"""
