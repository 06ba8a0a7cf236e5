"""docs/personal-data.md, printed from `pipelines.personal.catalogue`."""

from __future__ import annotations

from collections.abc import Iterable

from rind.common.results import RESULTS
from rind.features.tables import TABLES
from rind.pipelines.personal.catalogue import AFTER_FORGETTING, HOLDS, MEANINGS, PLACES, SHOWN, Data, kind_of

HEAD = """# Personal data

<!-- Generated from pipelines/personal/catalogue.py: edit that, then run `python -m rind.pipelines.flow`. -->

What of a person Rind reads, keeps, shows and sends, and how a person is forgotten. Tests hold these lists against the
columns of the data contract and the files of a finished run.

Rind reads no names, addresses or telephone numbers of people at the customer: a contact is an id with a level and a
department. Use is counted by user id. What people wrote (survey comments, reasons for leaving, wishes) is read,
sorted into topics, and shown to whoever may see the account. No model looks at a single person: features are counts
by account.
"""

COMMANDS = """
## Forget somebody

```sh
rind forget --dir results/ --account A00042                  # a customer company; --account may be repeated
rind forget --dir results/ --contact C7 --contact C9         # a person, by the id of the tables contacts or usage
rind forget --dir results/                                   # again whoever is on the list, after restoring a backup
```

The week changes in one step, the other places follow, and a search over all files says at the end whether an id or a
name is left. While a run is at work the command is refused; while a backup is, it ends with a word about it: the
archive may name whom you forgot, so make another one. The audit log says how many were forgotten by whom, never who.

The source is yours. As long as it holds the person, `forgotten.json` makes each run leave them out: all rows of an
account; of a contact the own row, while in other tables the id and the comment become empty. The list keeps keyed
hashes; the key lies beside them, so whoever holds the file can test an id. `--to postgres://...` or
`results_store.url` names the results store.

An id of digits alone is looked for in columns and keys of ids, never in sentences. A name that another account has
too is not blanked. In the workspace of DVC (`data/`) run `dvc commit -f` and `dvc gc --workspace` afterwards: its
cache keeps older versions of every file. The demo company's own source (`data/demo`) is left as it is.

### What stays
"""


EXPORT = """
## Results without names

```sh
rind export --pseudonymous --dir results/ --out for-the-data-scientist/
```

Tables of the results with a keyed pseudonym (HMAC-SHA256) in the place of each account and CSM, the same in all files
and all weeks, so that they can be joined; documents that hold facts alone; `about.json` says which columns stayed
behind: names, sentences, words of customers. Rows are in the order of the pseudonyms. A search for every id and name
of the results ends the command where it finds one. The key comes from RIND_PSEUDONYM_KEY, else it is made once and
kept beside the results (`pseudonym.key`, for its owner alone); do not hand it over.

This is pseudonymous, not anonymous: figures are exact, and whoever knows what a customer pays may recognise it.
"""


def personal_page() -> str:
    """The page, as Markdown."""
    kinds = _table(("kind", "what it is"), ((f"**{data}**", MEANINGS[data]) for data in Data))
    return "\n".join(
        [
            HEAD, kinds, "\n## What is read\n", _read(), "\n## What is kept\n", _kept(), "",
            _beside(),
            "\n## What is shown and sent\n", _table(("where", "what, to whom"), SHOWN), COMMANDS,
            _table(("what", "why"), ((each.what, each.why) for each in AFTER_FORGETTING)), EXPORT,
        ]
    )  # fmt: skip


def _read() -> str:
    """Each table of the source with its columns by kind."""
    rows = []
    for name, table in TABLES.items():
        kinds = {column.name: kind_of(column.name, column.kind) for column in table.columns}
        cells = [", ".join(f"`{c}`" for c, kind in kinds.items() if kind is data) for data in COLUMNS]
        rows.append((f"`{name}`", *(cell or "-" for cell in cells), str(sum(k is Data.FACTS for k in kinds.values()))))
    return _table(("table", *COLUMNS, "facts"), rows)


COLUMNS = (Data.PERSON, Data.WORDS, Data.ACCOUNT, Data.STAFF)


def _kept() -> str:
    """Each public result that holds more than facts."""
    rows = [(f"`{RESULTS[name].path}`", RESULTS[name].meaning, _words(holds)) for name, holds in HOLDS.items()]
    return _table(("result", "one row is, or what it tells", "holds"), rows) + (
        "\n\nAll other results hold facts alone. A folder keeps one week: the next one takes its place; "
        "`retention.set_aside_days` deletes what was set aside earlier."
    )


def _beside() -> str:
    """Each place beside the results."""
    head = ("beside the results", "what it is", "holds", "kept", "`rind forget`")
    names = (p.path if " " in p.path else f"`{p.path}`" for p in PLACES)
    rows = ((name, p.what, _words(p.holds), p.kept, p.forget) for name, p in zip(names, PLACES, strict=True))
    return _table(head, rows)


def _words(holds: Iterable[Data]) -> str:
    return ", ".join(holds)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
