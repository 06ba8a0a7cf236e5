"""What belongs to one folder of results, wherever the parameters put it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rind.common.results import MANIFEST
from rind.pipelines.data import read_json
from rind.pipelines.params import Params
from rind.pipelines.workspace import is_dvc_workspace
from rind.serving.deliver.channels.crm import files_of
from rind.serving.deliver.job import company_of_run
from rind.serving.feedback.file import beside
from rind.serving.store.places import seen_from, state_folder


@dataclass(frozen=True)
class Places:
    """What belongs to one folder of results.

    Parameters
    ----------
    out
        The folder of results.
    access, feedback
        Files of users and audit, and of feedback; they need not exist.
    deliveries
        Folder of the ledger of deliveries.
    company
        Whose items of the ledger are meant.
    shared
        Whether other companies may deliver from that folder, too: their items and files are none of ours.
    store
        ``postgres://...``; "": there is none.
    """

    out: Path
    access: Path
    feedback: Path
    deliveries: Path
    company: str = ""
    store: str = ""
    shared: bool = False

    @property
    def crm_files(self) -> Path:
        """The folder of the company's files for CRMs (`serving.deliver.channels.crm.files_of`)."""
        return files_of(self.deliveries, self.company, self.shared)

    @property
    def ledger(self) -> Path:
        """The file of the ledger of deliveries."""
        return self.deliveries / "deliveries.sqlite"

    @property
    def tracking(self) -> Path:
        """The folder of the own MLflow store: beside the results of `rind run`, beside DVC's workspace."""
        own, beside_workspace = self.out / "mlruns", self.out.parent / "mlruns"
        return beside_workspace if is_dvc_workspace(self.out) and not own.exists() else own


def places_of(out: Path, params: Params, store: str = "") -> Places:
    """The places of a folder of results, as the parameters say; ``store`` wins over ``results_store.url``."""
    access = Path(params.serving.access) if params.serving.access else out / "access.sqlite"
    deliveries = state_folder(str(out), params.deliveries.state)
    record = read_json(out / MANIFEST) if (out / MANIFEST).exists() else {}
    company = company_of_run(record, params.deliveries.company, seen_from(deliveries, str(out)))
    url, shared = store or params.results_store.url or "", bool(params.deliveries.state)
    return Places(out, access, beside(access), deliveries, company, url, shared)
