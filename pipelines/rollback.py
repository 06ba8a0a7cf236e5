"""An older version of the churn model becomes the champion again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rind.common.errors import UsageError
from rind.pipelines import tracking
from rind.pipelines.params import Params
from rind.pipelines.workspace import Workspace


class RolledBack(NamedTuple):
    """The model's name in the registry, the champion before, and the champion now."""

    name: str
    before: str
    now: str

    @property
    def words(self) -> str:
        """One sentence for who asked."""
        if self.now == self.before:
            return f"{self.name}: version {self.now} was the champion already, and stays it"
        return f"{self.name}: version {self.now} is the champion again (before: {self.before})"


def roll_back(space: Workspace, params: Params, to: int | None) -> RolledBack:
    """Move the alias champion to an older version, and write down in MLflow that it was moved by hand.

    Parameters
    ----------
    to
        The version; None: the latest one, older than the champion, that has been champion before.

    Raises
    ------
    UsageError
        There is no champion, no such version, or none that has been champion before.
    """
    name = f"{params.model.name}-{params.labels.horizon_days}d"
    with tracking.store(space, params.tracking) as mlflow:
        champion = tracking.aliases(mlflow, name).get("champion")
        if champion is None:
            raise UsageError(f"{name} has no champion", "run `rind run` first")
        earned = tracking.earned_aliases(mlflow, name)
        wanted = str(to) if to is not None else _former_champion(name, champion, earned)
        if wanted not in earned:
            raise UsageError(f"{name} has no version {wanted}", f"there are: {', '.join(sorted(earned, key=int))}")
        tracking.set_alias(mlflow, name=name, version=wanted, alias="champion")
        client: Any = mlflow.MlflowClient()
        words = f"champion again on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC by rind rollback; before: version {champion}"
        client.set_model_version_tag(name, wanted, "rolled_back", words)
    return RolledBack(name, champion, wanted)


def _former_champion(name: str, champion: str, earned: Mapping[str, str]) -> str:
    former = [n for n, alias in earned.items() if alias == "champion" and int(n) < int(champion)]
    if not former:
        raise UsageError(f"no version of {name} before {champion} has been champion", "name one: rind rollback --to N")
    return max(former, key=int)
