"""A mapping: a company's own exports -> the tables of the contract, as SQL that a person can read and change.

`opening` opens one as a source, `drafting` writes a first one for exports of known systems; `systems/` is the registry:
one YAML file a system. docs/mapping.md says how a mapping is written.
"""
