"""The time-travel law as something that can be run on any feature family: `rind check-family`, and our own tests."""
