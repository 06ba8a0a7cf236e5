"""The Monday of Rind as an Airflow DAG (Airflow 3): run, publish, deliver.

Copy this file into the folder of your DAGs. The worker needs `rind` on its path, or give its place in RIND;
RIND_SOURCE, RIND_STORE and the secrets come from the worker's environment (docs/scheduling.md). All tasks must see the
same folder of results, so let one worker run them, or put the folder on a disk that all workers share.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

RIND = "rind"
RESULTS = "/var/lib/rind/results"
PARAMS = "/etc/rind/company.yaml"
MONDAY = "15 5 * * 1"
ZONE = "Europe/Berlin"

OR_A_PART_IS_MISSING = "|| [ $? -eq 8 ]"
"""Exit code 8: the list is made and a part that only adds to it is missing. The week goes on, and its mail says so."""


def command(task: str, text: str, **more: object) -> BashOperator:
    """One command of Rind as a task, in the environment of the worker."""
    return BashOperator(task_id=task, bash_command=text, append_env=True, **more)


with DAG(
    "rind_week",
    description="Rind: run, publish, deliver",
    schedule=MONDAY,
    start_date=pendulum.datetime(2026, 1, 5, tz=ZONE),
    catchup=False,  # a week that was missed is not made up for: the next run knows all that has happened
    max_active_runs=1,  # a second run in the same folder would be refused
    default_args={"retries": 0},
    tags=["rind"],
) as dag:
    run = command(
        "run",
        f"{RIND} run --out {RESULTS} --params {PARAMS} --notify {OR_A_PART_IS_MISSING}",
        retries=1,  # a source that was away; what is broken in the tables stays broken
        retry_delay=timedelta(minutes=30),
        execution_timeout=timedelta(hours=6),
    )
    publish = command(
        "publish",
        f"{RIND} publish --dir {RESULTS} --params {PARAMS}",
        retries=3,  # it writes a week once, however often it is called
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=1),
    )
    deliver = command(
        "deliver",
        f"{RIND} deliver --dir {RESULTS} --params {PARAMS}",
        retries=12,  # each mail goes once; exit code 7 says that something still waits
        retry_delay=timedelta(hours=1),
        execution_timeout=timedelta(minutes=30),
    )
    run >> publish >> deliver
