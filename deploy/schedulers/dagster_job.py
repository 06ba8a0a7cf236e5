"""The Monday of Rind as a Dagster job: run, publish, deliver.

Load this file as a code location (`dagster dev -f dagster_job.py`). Dagster's machine needs `rind` on its path;
RIND_SOURCE, RIND_STORE and the secrets come from its environment (docs/scheduling.md).
"""

import subprocess

import dagster as dg

RIND = "rind"
RESULTS = "/var/lib/rind/results"
PARAMS = "/etc/rind/company.yaml"
MONDAY = "15 5 * * 1"
ZONE = "Europe/Berlin"

PART_MISSING = 8
"""The list is made and a part that only adds to it is missing. The week goes on, and its mail says so."""


def call(context: dg.OpExecutionContext, *arguments: str) -> None:
    """Run one command of Rind; its output goes to Dagster's log of the step.

    Raises
    ------
    dagster.Failure
        It failed; the metadata have its exit code.
    """
    code = subprocess.run([RIND, *arguments, "--params", PARAMS], check=False).returncode
    if code == PART_MISSING:
        context.log.warning("the list is made; a part that only adds to it is missing")
    elif code:
        raise dg.Failure(f"rind {arguments[0]} ended with exit code {code}", metadata={"exit_code": code})


@dg.op(retry_policy=dg.RetryPolicy(max_retries=1, delay=1800), out=dg.Out(dg.Nothing))
def run(context: dg.OpExecutionContext) -> None:
    """The whole weekly job. One more try, for a source that was away."""
    call(context, "run", "--out", RESULTS, "--notify")


@dg.op(retry_policy=dg.RetryPolicy(max_retries=3, delay=600), ins={"week": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing))
def publish(context: dg.OpExecutionContext) -> None:
    """The week in PostgreSQL: once, however often this is called."""
    call(context, "publish", "--dir", RESULTS)


@dg.op(retry_policy=dg.RetryPolicy(max_retries=12, delay=3600), ins={"published": dg.In(dg.Nothing)})
def deliver(context: dg.OpExecutionContext) -> None:
    """Mails, chat and CRM files: each once. Exit code 7 says that something still waits."""
    call(context, "deliver", "--dir", RESULTS)


@dg.job(tags={"dagster/max_runtime": str(12 * 3600)})
def rind_week() -> None:
    """Run, publish, deliver."""
    deliver(published=publish(week=run()))


defs = dg.Definitions(
    jobs=[rind_week],
    schedules=[
        dg.ScheduleDefinition(
            job=rind_week,
            cron_schedule=MONDAY,
            execution_timezone=ZONE,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
    ],
)
