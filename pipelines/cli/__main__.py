"""`python -m rind.pipelines.cli`: the command line without the console script."""

from __future__ import annotations

from rind.pipelines.cli.app import main

if __name__ == "__main__":
    main()
