"""Make the demo company: tables under demo/source, the planted truth under demo/truth."""

from __future__ import annotations

from rind.demo.company import DEMO_END, make_company, write_company
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write the company that params.demo describes."""
    spec = params.demo
    progress(f"{spec.accounts} accounts, scenario {spec.scenario}")
    company = make_company(spec.accounts, spec.years, spec.seed, spec.scenario, DEMO_END)
    write_company(company, space.demo.parent)  # source and truth lie apart, in one folder
