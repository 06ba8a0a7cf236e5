"""What a provider publishes about itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from rind.common.errors import RindError
from rind.serving.access.company_login.settings import is_safe_url

WELL_KNOWN = "/.well-known/openid-configuration"
SIGNED_BY_A_KEY_PAIR = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Never HS256 or none: whoever knows the client's secret, or nobody at all, could make such an ID token."""


class ProviderError(RindError):
    """The company's login cannot be reached, or its answer cannot be used."""


def _endpoint(text: str) -> str:
    if text and not is_safe_url(text):
        raise ValueError("an https address")
    return text


Endpoint = Annotated[str, AfterValidator(_endpoint)]


class Metadata(BaseModel):
    """The part of the discovery document that we read; "" for an endpoint that the provider has not."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint = ""
    end_session_endpoint: Endpoint = ""
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> list[str]:
        """The signatures that are taken of those that the provider makes."""
        return [name for name in self.id_token_signing_alg_values_supported if name in SIGNED_BY_A_KEY_PAIR]

    def auth_method(self, has_secret: bool) -> str:
        """How the client proves itself at the token endpoint: by header where that is taken, else in the body."""
        if not has_secret:
            return "none"
        by_header = "client_secret_basic" in self.token_endpoint_auth_methods_supported
        return "client_secret_basic" if by_header else "client_secret_post"


def metadata_of(document: Any, issuer: str) -> Metadata:
    """The discovery document of an issuer, checked.

    Raises
    ------
    ProviderError
        A part is missing or of the wrong kind, an endpoint is not https, or it speaks of another issuer.
    """
    try:
        present = document.items() if isinstance(document, dict) else ()
        metadata = Metadata.model_validate({name: value for name, value in present if value is not None})
    except ValidationError as error:
        where = ", ".join(sorted({".".join(map(str, e["loc"])) or "all of it" for e in error.errors()}))
        raise ProviderError(f"the discovery document of {issuer} cannot be used: {where}") from None
    if not metadata.algorithms:
        raise ProviderError(f"{issuer} signs no ID token by a key pair", "set it to sign with RS256 or ES256")
    if metadata.issuer != issuer:
        raise ProviderError(
            f"the discovery document of {issuer} speaks of the issuer {metadata.issuer[:200]!r}",
            "write serving.oidc.issuer as the document does, slash at the end and all",
        )
    return metadata
