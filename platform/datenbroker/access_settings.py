"""The settings of who may ask, and how much: OpenID providers, limits, audit. Part of `datenbroker.settings`."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from datenbroker.gateway.limits.origins import PRIVATE

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")


def address(*schemes: str) -> AfterValidator:
    """A URL of one of the schemes and with a host, as a string without a slash at the end."""

    def checked(url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"an address must look like {schemes[0]}://host:port")
        return url.rstrip("/")

    return AfterValidator(checked)


def _split(given: Any) -> Any:
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given


Listed = BeforeValidator(_split)
"""`a,b` in the environment, a list elsewhere."""

Names = Annotated[tuple[str, ...], NoDecode, Listed]
Urls = Annotated[tuple[Annotated[str, address("https", "http")], ...], NoDecode, Listed]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


class AccessSettings(BaseSettings):
    """Mixed into `Settings`."""

    public_url: Annotated[str, address("https", "http")] | None = Field(
        None, description="Where people reach the gateway, e.g. https://daten.example.org; needed for logging in."
    )
    oidc_issuers: Urls = Field(
        (), description="OpenID providers whose tokens are good here, e.g. https://id.example.org/realms/herne; a,b."
    )
    oidc_discovery: dict[str, str] = Field(
        default_factory=dict,
        description="Where this gateway reads an issuer's discovery document, if not at its address: issuer=URL.",
    )
    oidc_audience: Names = Field(("datenbroker",), description="The audience of which a token must have one; a,b.")
    oidc_clients: Names = Field((), description="Clients (azp) whose tokens are good; all of the issuers' where empty.")
    oidc_algorithms: Annotated[tuple[Algorithm, ...], NoDecode, Listed] = Field(
        ("RS256", "PS256", "ES256", "EdDSA"), description="Algorithms by which a token may be signed."
    )
    oidc_clock_skew: float = Field(30.0, ge=0, le=300, description="Seconds that a provider's clock may differ.")
    oidc_roles_claims: Names = Field(
        ("realm_access.roles", "resource_access.datenbroker.roles", "roles"),
        description="Where a token has roles: paths of claims, all of which count.",
    )
    oidc_organisation_claim: str = Field("organisation", description="Where a token has its bearer's organisation.")
    oidc_roles: dict[str, str] = Field(
        default_factory=dict, description="Roles that are called otherwise at the provider: theirs=ours."
    )
    oidc_organisations: dict[str, str] = Field(
        default_factory=dict, description="Organisations that are called otherwise at the provider: theirs=ours."
    )
    oidc_client_id: str | None = Field(
        None, description="The gateway's own client at the first issuer, by which people log in with a browser."
    )
    oidc_client_secret: SecretStr | None = Field(None, repr=False, description="Its secret; none for a public client.")
    session_secret: SecretStr | None = Field(
        None,
        min_length=32,
        repr=False,
        description="Signs the sessions of browsers; the same for all gateways. Without it each process makes its own.",
    )
    session_hours: float = Field(8.0, gt=0, le=24 * 7, description="So long a browser stays logged in.")

    rate_anonymous: int = Field(300, ge=0, description="Requests a minute without a key, by address; 0: no limit.")
    rate_caller: int = Field(6_000, ge=0, description="Requests a minute by key or login; 0: no limit.")
    rate_product: int = Field(12_000, ge=0, description="Requests a minute by data product; 0: no limit.")
    rate_failures: int = Field(20, ge=0, description="Wrong keys a minute that an address may show; 0: no limit.")
    quota_anonymous: int = Field(20_000, ge=0, description="Requests a day without a key, by address; 0: no limit.")
    quota_caller: int = Field(0, ge=0, description="Requests a day by key or login; 0: no limit.")
    quota_product: int = Field(0, ge=0, description="Requests a day by data product; 0: no limit.")
    trusted_proxies: Names = Field(
        (), description="Networks of proxies before the gateway, whose X-Forwarded-For is believed, e.g. 10.0.0.0/8."
    )
    metrics_networks: Names = Field(
        PRIVATE,
        description="Networks from which /metrics is read without a key; elsewhere an administrator's or auditor's.",
    )
    body_timeout: float = Field(30.0, gt=0, description="Seconds within which a request's body must be here.")
    url_limit: int = Field(16_384, ge=1_000, description="Longest path and query of a request, in bytes.")
    cors_origins: Names = Field(
        (), description="Web sites whose pages may ask the gateway with a key, e.g. https://map.example.org."
    )
    cors_open_products: bool = Field(False, description="Let pages of all web sites read /products and /catalog.")
    audit_reads: bool = Field(
        False,
        description="Let the audit log tell of each read too; the same again within seconds is counted in one record.",
    )
    audit_days: int = Field(730, ge=1, description="Days that the audit log is kept.")
