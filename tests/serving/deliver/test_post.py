"""Mails over a real SMTP server that is down, refuses, and dies: each reader gets each week once."""

from __future__ import annotations

import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_servers import DROP, TAKE_AND_DROP, Mailbox, smtp_server
from report_examples import AS_OF
from result_folders import write_results
from typer.testing import CliRunner

from common.errors import UsageError
from pipelines.cli import app
from pipelines.params import load
from serving.deliver import channels, post
from serving.deliver.outbox import BusyError, Item, Outbox
from serving.deliver.post import deliver, dry_run
from serving.deliver.settings import Secrets

EVERYBODY = ["li@example.com", "tom@example.com", "boss@example.com"]


def states(folder: Path) -> dict[str, str]:
    with sqlite3.connect(folder / "deliveries.sqlite") as ledger:
        found = dict(ledger.execute("select recipient, state from deliveries").fetchall())
    ledger.close()
    return found


@pytest.fixture
def job(make_job: Any, port: int) -> Any:
    return make_job(f"deliveries.smtp.port={port}", channels=["mail"], asked=True)


def test_everybody_gets_the_mail_once(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        first = deliver(job, tmp_path / "state")
        again = deliver(job, tmp_path / "state")
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)
    assert (len(first.sent), first.complete) == (3, True)
    assert (again.sent, len(again.already), again.complete) == ([], 3, True)
    assert [str(mail["To"]) for mail in mailbox.taken] == mailbox.recipients


def test_what_was_sent_is_forgotten_and_the_ledger_is_its_owners_alone(job: Any, port: int, tmp_path: Path) -> None:
    with smtp_server(Mailbox(), port):
        deliver(job, tmp_path / "state")
    ledger = tmp_path / "state/deliveries.sqlite"
    assert ledger.stat().st_mode & 0o077 == 0
    with sqlite3.connect(ledger) as db:
        assert db.execute("select count(*), count(payload) from deliveries").fetchone() == (3, 0)
    db.close()


def test_nothing_is_lost_while_the_server_is_down(job: Any, port: int, tmp_path: Path) -> None:
    down = deliver(job, tmp_path / "state")
    assert (down.sent, len(down.pending)) == ([], 3)
    assert "cannot be used" in down.pending[0]
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_a_week_that_waited_goes_out_with_the_next_one_first(
    make_job: Any, job: Any, port: int, tmp_path: Path
) -> None:
    deliver(job, tmp_path / "state")
    later = make_job(
        f"deliveries.smtp.port={port}", week={"as_of": AS_OF + timedelta(days=7)}, channels=["mail"], asked=True
    )
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = deliver(later, tmp_path / "state")
    assert report.complete
    assert len(mailbox.taken) == 6
    assert ["Mar 2," in str(m["Subject"]) for m in mailbox.taken] == [True] * 3 + [False] * 3


def test_a_rerun_of_the_week_corrects_what_still_waits(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "state")
    for text in (b"old", b"new"):
        outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", text))
    assert [entry.item.payload for entry in outbox.waiting("mail")] == [b"new"]
    outbox.begin(outbox.waiting("mail")[0].item)
    outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", b"newest"))
    assert [entry.item.payload for entry in outbox.waiting("mail")] == [b"new"]
    outbox.close()


def test_a_refused_connection_is_no_attempt_and_the_rerun_still_corrects_the_mail(
    make_job: Any, job: Any, port: int, tmp_path: Path
) -> None:
    deliver(job, tmp_path / "state")
    rerun = make_job(f"deliveries.smtp.port={port}", week={"name": "Corrected Foods"}, channels=["mail"], asked=True)
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        assert deliver(rerun, tmp_path / "state").complete
    assert len(mailbox.taken) == 3
    told = {str(mail["To"]): mail.get_body(("plain",)).get_content() for mail in mailbox.taken}
    assert all("Corrected Foods" in told[reader] for reader in ("li@example.com", "boss@example.com"))


def test_a_mail_that_may_have_been_taken_is_not_corrected_by_a_later_refused_connection(tmp_path: Path) -> None:
    class Breaks:
        """Breaks in the middle once, and is away from then on."""

        def __init__(self) -> None:
            self.errors = [channels.TemporaryError("the connection broke")]

        def __enter__(self) -> Breaks:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def send(self, item: Item) -> None:
            del item
            raise self.errors.pop() if self.errors else channels.DownError("nobody listens")

    outbox, settings = Outbox(tmp_path / "state"), load(None, ["deliveries.retries.first_wait_seconds=0"]).deliveries
    outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", b"old"))
    post._drain(outbox, "mail", Breaks(), settings)
    outbox.put(Item(AS_OF, "mail", "leadership", "boss@example.com", b"new"))
    assert [(entry.attempts, entry.item.payload) for entry in outbox.waiting("mail")] == [(1, b"old")]
    outbox.close()


def test_everything_is_written_down_before_the_first_item_leaves(
    make_job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(f"deliveries.smtp.port={port}", channels=["mail", "slack", "crm"],
                   secrets=Secrets(slack_webhook="http://127.0.0.1:1/hook"))  # fmt: skip
    monkeypatch.setattr(channels.SmtpChannel, "send", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        deliver(job, tmp_path / "state")
    outbox = Outbox(tmp_path / "state")
    assert [len(outbox.waiting(channel)) for channel in ("mail", "slack", "crm")] == [3, 1, 2]
    outbox.close()


def test_one_refused_recipient_keeps_nobody_else_waiting(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(refuses={"li@example.com": "550 no such user"})
    with smtp_server(mailbox, port):
        report = deliver(job, tmp_path / "state")
        again = deliver(job, tmp_path / "state")
    assert sorted(mailbox.recipients) == ["boss@example.com", "tom@example.com"]
    assert not report.complete
    assert "550 no such user" in report.refused[0]
    assert (again.sent, len(again.refused)) == ([], 1)
    with smtp_server(mailbox, port):
        mailbox.refuses.clear()
        assert deliver(job, tmp_path / "state", retry_refused=True).complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_a_full_mailbox_is_tried_again_later(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(refuses={"li@example.com": "452 mailbox full"})
    with smtp_server(mailbox, port):
        report = deliver(job, tmp_path / "state")
        assert (len(report.sent), len(report.pending)) == (2, 1)
        mailbox.refuses.clear()
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_a_server_that_dies_before_it_takes_a_mail_gets_it_again(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(on_data=lambda number: DROP if number == 2 else None)
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_a_server_that_dies_after_it_took_a_mail_gets_the_same_mail_again(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(on_data=lambda number: TAKE_AND_DROP if number == 2 else None)
    with smtp_server(mailbox, port):
        assert deliver(job, tmp_path / "state").complete
    assert len(mailbox.taken) == 4
    assert len(set(mailbox.ids)) == 3
    twice = [mail for mail in mailbox.taken if mailbox.ids.count(str(mail["Message-ID"])) == 2]
    assert twice[0].as_bytes() == twice[1].as_bytes()


def test_a_crash_between_sending_and_noting_repeats_that_one_mail_under_its_id(
    job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        with monkeypatch.context() as patched:
            patched.setattr(Outbox, "sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                deliver(job, tmp_path / "state")
        assert "sending" in states(tmp_path / "state").values()
        assert deliver(job, tmp_path / "state").complete
    assert len(mailbox.taken) == 4
    assert len(set(mailbox.ids)) == 3


def test_a_crash_before_sending_loses_nothing_and_repeats_nothing(
    job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        with monkeypatch.context() as patched:
            patched.setattr(channels.SmtpChannel, "send", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                deliver(job, tmp_path / "state")
        assert deliver(job, tmp_path / "state").complete
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def test_two_at_once_send_each_mail_once(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(on_data=lambda _: time.sleep(0.05))
    reports: list[Any] = []
    with smtp_server(mailbox, port):
        threads = [threading.Thread(target=lambda: reports.append(deliver(job, tmp_path / "state"))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)
    assert sorted(len(report.sent) for report in reports) == [0, 0, 3]


def test_who_waits_too_long_for_the_other_says_so(make_job: Any, port: int, tmp_path: Path) -> None:
    job = make_job("deliveries.lock_wait_seconds=0.2", f"deliveries.smtp.port={port}")
    other = Outbox(tmp_path / "state")
    with other.turn(0), pytest.raises(BusyError, match="another process"):
        deliver(job, tmp_path / "state")
    other.close()


def test_a_killed_process_leaves_what_it_did_not_send_to_the_next_one(port: int, tmp_path: Path) -> None:
    arrived = threading.Event()

    def slowly(number: int) -> str | None:
        if number == 2:
            arrived.set()
            time.sleep(0.5)
            return DROP
        return None

    mailbox = Mailbox(on_data=slowly)
    week = write_results(tmp_path / "week", accounts=40)
    arguments = ["--dir", str(week), "--only", "mail", *_settings(port)]
    with smtp_server(mailbox, port):
        child = subprocess.Popen([sys.executable, "-m", "pipelines.cli", "deliver", *arguments])
        assert arrived.wait(60)
        child.send_signal(signal.SIGKILL)
        child.wait()
        time.sleep(0.6)
        assert len(mailbox.taken) == 1
        done = CliRunner().invoke(app, ["deliver", *arguments])
        assert done.exit_code == 0, done.output
    assert sorted(mailbox.recipients) == sorted(EVERYBODY)


def _settings(port: int) -> list[str]:
    given = (
        "sender=Rind <rind@example.com>", 'csms={"Li Na": li@example.com, "Tom Hardy": tom@example.com}',
        "leadership=[boss@example.com]", "smtp.host=127.0.0.1", f"smtp.port={port}", "smtp.security=none",
        "retries.attempts=1", "smtp.timeout_seconds=5",
    )  # fmt: skip
    return [part for key in given for part in ("--set", f"deliveries.{key}")]


def test_the_exit_code_tells_that_something_waits(tmp_path: Path, port: int) -> None:
    week = write_results(tmp_path / "week")
    down = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *_settings(port)])
    assert down.exit_code == 7, down.output
    assert "still waiting" in down.output
    with smtp_server(Mailbox(), port):
        up = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *_settings(port)])
        again = CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "mail", *_settings(port)])
    assert (up.exit_code, again.exit_code) == (0, 0)
    assert "sent before" in again.output


def test_a_dry_run_writes_mails_and_sends_nothing(job: Any, port: int, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox, port):
        report = dry_run(job, tmp_path / "preview")
    assert not mailbox.taken
    assert sorted(Path(p).name for p in report.sent) == sorted(p.name for p in (tmp_path / "preview").iterdir())
    assert "mail_csm_Li_Na_li@example.com_2026-03-02.eml" in {p.name for p in (tmp_path / "preview").iterdir()}
    assert not (tmp_path / "week0/deliveries").exists()


def test_a_channel_that_was_asked_for_and_is_not_set_up_is_an_error(make_job: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it needs smtp"):
        deliver(make_job("deliveries.smtp.host=''", channels=["mail"], asked=True), tmp_path / "state")
    with pytest.raises(UsageError, match="RIND_SLACK_WEBHOOK"):
        deliver(make_job(channels=["slack"], asked=True), tmp_path / "state")
    report = deliver(make_job("deliveries.smtp.host=''", channels=["mail", "slack", "crm"]), tmp_path / "state")
    assert len(report.sent) == 2
    assert [note.split()[0] for note in report.notes] == ["mail", "slack"]


def test_retries_wait_longer_each_time_and_no_longer_than_told(
    make_job: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    job = make_job(f"deliveries.smtp.port={port}", "deliveries.retries.attempts=5",
                   "deliveries.retries.first_wait_seconds=2", "deliveries.retries.longest_wait_seconds=9",
                   channels=["mail"], asked=True)  # fmt: skip
    assert len(deliver(job, tmp_path / "state").pending) == 3
    assert len(waits) == 4
    assert all(low <= wait <= high for wait, low, high in zip(waits, (2, 4, 8, 9), (4, 6, 9, 9), strict=True))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of 127.0.0.1 in one file, of an authority that nobody knows."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_the_password_comes_from_the_environment_and_goes_over_tls_only(
    make_job: Any, port: int, tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiosmtpd.smtp import AuthResult

    mailbox = Mailbox()

    def login(server: Any, session: Any, envelope: Any, mechanism: Any, data: Any) -> AuthResult:
        del server, envelope, mechanism
        mailbox.logins.append((data.login, data.password))
        right = session.ssl is not None and data.password == b"s3cret"
        return AuthResult(success=right, handled=False)

    def mail_job(password: str) -> Any:
        given = (f"deliveries.smtp.port={port}", "deliveries.smtp.security=starttls", "deliveries.smtp.user=rind")
        return make_job(*given, channels=["mail"], asked=True, secrets=Secrets(smtp_password=password))

    served = {"tls_context": tls(certificate), "require_starttls": True, "authenticator": login, "auth_required": True}
    with smtp_server(mailbox, port, **served):
        stranger = deliver(mail_job("s3cret"), tmp_path / "state")
        assert "certificate verify failed" in stranger.pending[0]
        assert not mailbox.logins
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        wrong = deliver(mail_job("wr0ng"), tmp_path / "state")
        assert "535" in wrong.pending[0]
        assert "wr0ng" not in str(wrong)
        assert deliver(mail_job("s3cret"), tmp_path / "state").complete
    assert mailbox.tls == [True] * 3
    assert mailbox.logins[-1] == (b"rind", b"s3cret")
    assert b"s3cret" not in (tmp_path / "state/deliveries.sqlite").read_bytes()


def test_a_password_is_not_sent_in_clear_text(make_job: Any, tmp_path: Path) -> None:
    job = make_job("deliveries.smtp.host=mail.example.com", "deliveries.smtp.user=rind", channels=["mail"], asked=True,
                   secrets=Secrets(smtp_password="s3cret"))  # fmt: skip
    with pytest.raises(UsageError, match="clear text") as raised:
        deliver(job, tmp_path / "state")
    assert "s3cret" not in str(raised.value) + repr(job)


def test_the_state_lies_beside_the_results_unless_told(tmp_path: Path) -> None:
    week = write_results(tmp_path / "week")
    CliRunner().invoke(app, ["deliver", "--dir", str(week), "--only", "crm"])
    assert (week / "deliveries/deliveries.sqlite").exists()
    done = CliRunner().invoke(app, ["deliver", "--dir", "postgres://me@127.0.0.1:1/x", "--only", "crm"])
    assert done.exit_code == 1
    assert (week / "deliveries/crm_salesforce_2026-03-02.csv").exists()
