"""Files on S3, Google Cloud Storage, Azure and the web, through DuckDB's own extensions."""

from __future__ import annotations

import os
from typing import Any

import duckdb

from rind.common.errors import SourceError

EXTENSIONS = {
    "s3": "httpfs", "s3a": "httpfs", "gs": "httpfs", "gcs": "httpfs", "http": "httpfs", "https": "httpfs",
    "az": "azure", "azure": "azure", "abfss": "azure", "file": "",
}  # fmt: skip
"""Scheme -> the DuckDB extension that reads it; "": DuckDB itself."""


def is_remote(url: str) -> bool:
    """Whether the URL names files that DuckDB reads from afar."""
    return url.split("://", 1)[0].lower() in EXTENSIONS and "://" in url


def prepare_remote(connection: Any, url: str) -> None:
    """Load the extension for the URL's scheme and hand it the keys of the environment.

    S3 takes AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL; Google takes
    the HMAC keys GCS_ACCESS_KEY_ID and GCS_SECRET; Azure takes AZURE_STORAGE_CONNECTION_STRING.

    Raises
    ------
    SourceError
        The scheme is unknown, or the extension is neither installed nor can it be had.
    """
    scheme = url.split("://", 1)[0].lower()
    if scheme not in EXTENSIONS:
        raise SourceError(f"the scheme {scheme}:// is not known", f"One of {', '.join(EXTENSIONS)}, or a folder.")
    if EXTENSIONS[scheme]:
        load_extension(connection, EXTENSIONS[scheme], scheme)
    secret = _secret(scheme)
    if secret:
        connection.con.execute(f"create or replace temporary secret rind ({secret})")


def load_extension(connection: Any, name: str, scheme: str) -> None:
    """Load a DuckDB extension, from disk or else from DuckDB's own repository."""
    try:
        connection.con.load_extension(name)
    except duckdb.Error:
        try:
            connection.con.install_extension(name)
            connection.con.load_extension(name)
        except duckdb.Error as error:
            reason = " ".join(str(error).split("\n")[0].split())
            raise SourceError(
                f"cannot read {scheme}:// here: DuckDB's extension {name} is not installed and cannot be had: {reason}",
                "On a machine that reaches extensions.duckdb.org run "
                f"python -c \"import duckdb; duckdb.install_extension('{name}')\" with duckdb {duckdb.__version__} "
                "and copy its folder ~/.duckdb/extensions here; or copy the files into a local folder.",
            ) from None


def _secret(scheme: str) -> str:
    if scheme in ("gs", "gcs"):
        return _parts("gcs", {"key_id": "GCS_ACCESS_KEY_ID", "secret": "GCS_SECRET"})
    if scheme in ("az", "azure", "abfss"):
        return _parts("azure", {"connection_string": "AZURE_STORAGE_CONNECTION_STRING"})
    if scheme in ("http", "https", "file"):
        return ""
    names = {"key_id": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "session_token": "AWS_SESSION_TOKEN"}
    secret = _parts("s3", names | {"region": "AWS_REGION" if os.environ.get("AWS_REGION") else "AWS_DEFAULT_REGION"})
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    if secret and endpoint:
        host = endpoint.split("://", 1)[-1].rstrip("/")
        secret += f", endpoint {_quoted(host)}, url_style 'path', use_ssl {str(endpoint.startswith('https')).lower()}"
    return secret


def _parts(kind: str, names: dict[str, str]) -> str:
    filled = {key: os.environ[name] for key, name in names.items() if os.environ.get(name)}
    return f"type {kind}, " + ", ".join(f"{k} {_quoted(v)}" for k, v in filled.items()) if filled else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
