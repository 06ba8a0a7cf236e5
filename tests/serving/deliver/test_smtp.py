"""The password of the mail server: from the environment, over TLS, into no message and no file."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_servers import Mailbox, smtp_server

from rind.common.errors import UsageError
from rind.serving.deliver.dispatch import deliver
from rind.serving.deliver.settings import Secrets


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
        overrides = (f"deliveries.smtp.port={port}", "deliveries.smtp.security=starttls", "deliveries.smtp.user=rind")
        return make_job(*overrides, channels=["mail"], required=True, secrets=Secrets(smtp_password=password))

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
    job = make_job("deliveries.smtp.host=mail.example.com", "deliveries.smtp.user=rind", channels=["mail"],
                   required=True, secrets=Secrets(smtp_password="s3cret"))  # fmt: skip
    with pytest.raises(UsageError, match="clear text") as raised:
        deliver(job, tmp_path / "state")
    assert "s3cret" not in str(raised.value) + repr(job)
