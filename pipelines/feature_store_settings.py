"""Where finished features are kept between runs: the section ``feature_store`` of params.yaml."""

from __future__ import annotations

from rind.common.settings import Days, Section


class FeatureStoreSettings(Section):
    """The folder ("": nowhere, or with the results of `rind run --incremental`), and how long it keeps the unused."""

    folder: str
    unused_days: Days
