"""Options that several commands share: said once, spelled and explained alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DirOption = Annotated[Path, typer.Option("--dir", help="Folder that `rind run` wrote to.")]
ParamsOption = Annotated[
    Path | None, typer.Option("--params", help="A YAML file with some of the keys of params.yaml.")
]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE, dots for nesting; may be repeated.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Show the whole trace of an error.")]
StoreOption = Annotated[
    str, typer.Option("--to", envvar="RIND_STORE", help="postgres://user@host/database; default: results_store.url.")
]
