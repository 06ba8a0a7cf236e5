"""`rind tune-health`: new weights for the health score, from a finished run, with proof."""

from __future__ import annotations

from dataclasses import replace

import typer
from rich.console import Console

from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door, reporting


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        "tune-health",
        epilog="Example:\n\n  rind tune-health --dir results/ --set health.bounds.usage=[20,40]",
    )(tune_health)


def tune_health(
    folder: DirOption,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Propose weights and curves for the health score from past departures; say whether they are better beyond noise.

    The run's own parameters hold, unless a file or --set says otherwise. Writes health_score.json,
    health_params.yaml (give it to `rind run --params`) and health_score.html into the folder.
    """
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.run_record import run_record
        from rind.pipelines.data import read_json
        from rind.pipelines.params import load
        from rind.pipelines.private_files import created_for
        from rind.pipelines.stages.tune_health import run_on_results
        from rind.pipelines.weeks import alone, changed
        from rind.pipelines.workspace import of_run
        from rind.reports.health_page import summary

        space = of_run(folder.resolve())
        run = run_record(space.run.read_bytes(), space.run, "data_end", "parameters")
        given = load(params, set_ or (), recorded=run["parameters"])
        with (
            created_for(given.files.readable_by),
            alone(space.root),
            changed(space.root) as week,
            reporting(console, "tune-health") as progress,
        ):
            run_on_results(replace(space, root=week), given, progress)
        out = Console() if Console().is_terminal else Console(width=150)
        out.print(summary(read_json(space.health_score)), highlight=False, markup=False)
        places = (space.health_score, space.health_params, space.health_page)
        out.print("\n".join(str(folder / path.name) for path in places), highlight=False, soft_wrap=True)
