"""The product that is sold: thirty features in seven modules over three plans, some released on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rind.demo.clock import Clock, Floats, Ints, to_dates
from rind.demo.scenarios import PLANS

# feature, module, cheapest plan, log popularity, share of the history at release (0 = before it)
_CATALOGUE: tuple[tuple[str, str, int, float, float], ...] = (
    ("board_view", "workspace", 0, 2.0, 0.0),
    ("task_edit", "workspace", 0, 1.8, 0.0),
    ("comment", "workspace", 0, 1.2, 0.0),
    ("file_upload", "workspace", 0, 0.7, 0.0),
    ("search", "workspace", 0, 0.9, 0.0),
    ("template", "workspace", 0, 0.0, 0.0),
    ("data_import", "data", 0, 0.1, 0.0),
    ("data_export", "data", 0, 0.4, 0.0),
    ("table_edit", "data", 0, 0.8, 0.0),
    ("data_quality", "data", 1, -0.4, 0.35),
    ("dashboard", "reports", 0, 1.1, 0.0),
    ("shared_report", "reports", 0, 0.2, 0.0),
    ("scheduled_report", "reports", 1, -0.1, 0.0),
    ("custom_metric", "reports", 1, -0.3, 0.0),
    ("forecast", "reports", 2, -0.6, 0.55),
    ("workflow_run", "automation", 0, 0.3, 0.0),
    ("workflow_edit", "automation", 1, -0.2, 0.0),
    ("trigger", "automation", 1, -0.3, 0.0),
    ("approval", "automation", 2, -0.2, 0.0),
    ("bot", "automation", 2, -0.5, 0.40),
    ("mail_sync", "integrations", 0, 0.6, 0.0),
    ("chat_sync", "integrations", 0, 0.3, 0.0),
    ("api_call", "integrations", 1, 0.2, 0.0),
    ("crm_sync", "integrations", 1, -0.2, 0.20),
    ("guest_invite", "sharing", 0, 0.0, 0.0),
    ("client_portal", "sharing", 1, -0.4, 0.0),
    ("public_link", "sharing", 0, 0.1, 0.0),
    ("role_edit", "admin", 1, -0.7, 0.0),
    ("audit_log", "admin", 2, -0.8, 0.0),
    ("budget_view", "admin", 2, -0.6, 0.70),
)


@dataclass(frozen=True)
class Product:
    """Features as arrays, in the order of the catalogue (shape: features)."""

    names: tuple[str, ...]
    modules: tuple[str, ...]
    plan: Ints  # index of the cheapest plan
    popularity: Floats  # log weight of use
    released: Ints  # day

    def position(self, feature: str) -> int:
        """Place of a feature in the arrays."""
        if feature not in self.names:
            raise ValueError(f"unknown product feature {feature!r}; there are {', '.join(self.names)}")
        return self.names.index(feature)


def make_product(clock: Clock) -> Product:
    """The catalogue on this clock; new features come out on Mondays."""
    shares = np.array([row[4] for row in _CATALOGUE])
    before = clock.start - 400 - 31 * (np.arange(len(_CATALOGUE)) % 5)
    during = clock.start + 7 * np.round(shares * clock.weeks).astype(np.int64)
    return Product(
        names=tuple(row[0] for row in _CATALOGUE),
        modules=tuple(row[1] for row in _CATALOGUE),
        plan=np.array([row[2] for row in _CATALOGUE], dtype=np.int64),
        popularity=np.array([row[3] for row in _CATALOGUE]),
        released=np.where(shares > 0, during, before).astype(np.int64),
    )


def product_features(product: Product) -> pd.DataFrame:
    """Table `product_features`: one row a feature."""
    return pd.DataFrame(
        {
            "feature": list(product.names),
            "module": list(product.modules),
            "released_on": to_dates(product.released),
            "plan": [PLANS[p] for p in product.plan],
        }
    )
