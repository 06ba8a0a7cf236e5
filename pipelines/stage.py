"""`python -m rind.pipelines.stage NAME`: one stage of the flow, as DVC calls it."""

from __future__ import annotations

import sys

from rind.pipelines.flow import STAGES
from rind.pipelines.runner import main

if __name__ == "__main__":
    main(sys.argv[1], STAGES[sys.argv[1]].run)
