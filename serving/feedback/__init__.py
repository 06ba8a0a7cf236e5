"""What readers answer to the list: an append-only file of acts, the rules for new ones, and what follows from them.

- ``acts``: what somebody may do, and the rows that are kept;
- ``file``: the SQLite file `Feedback`, its migrations in ``sql/``;
- ``account_state``: what the acts on one account come to;
- ``rules``: which new act is refused, and why;
- ``hit_rate``: how many reasons were judged useful, by feature;
- ``export``: interventions and acts as tables.

Why it lies here and how it flows back into the next run: docs/adr/0016.
"""
