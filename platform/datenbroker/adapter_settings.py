"""The settings of the adapters: where sources are read, with which secrets, and how. Part of `datenbroker.settings`."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings


def _region(text: str) -> str:
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise ValueError("a region is west,south,east,north in degrees, e.g. 5.8,50.3,9.5,52.6") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("a region is west,south,east,north in degrees, west < east and south < north")
    return text


class SourceAccess(BaseModel):
    """With what one source is entered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr | None = None
    user: str | None = None
    password: SecretStr | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    certificate: Path | None = None
    key: Path | None = None
    key_password: SecretStr | None = None
    authorities: Path | None = None
    known_hosts: Path | None = None


class AdapterSettings(BaseSettings):
    """Mixed into `Settings`."""

    source_urls: dict[str, str] = Field(
        default_factory=dict,
        description="Where sources are read: uid=URL or a file's path, uid=live for a source's own public address. "
        "Others are not read.",
        examples=["parkapi=https://parking.example/v3/parking-sites", "pegelonline=live"],
    )
    source_access: dict[str, SourceAccess] = Field(
        default_factory=dict,
        repr=False,
        description="Secrets of sources as JSON by uid: token, user, password, headers, certificate, key, "
        'key_password, authorities (PEM files), known_hosts (of SFTP), e.g. {"ocpi": {"token": "…"}}.',
    )
    source_region: Annotated[str, AfterValidator(_region)] = Field(
        "5.8,50.3,9.5,52.6",
        description="Region of the city's data: west,south,east,north in degrees. A point outside whose turned round "
        "coordinates lie within is mended.",
    )
    source_lease: float = Field(
        6.0, ge=0.2, le=600, description="Seconds after which another process takes over the sources of a dead one."
    )
    source_refresh: float = Field(
        24.0, gt=0, description="Hours after which a source's unchanged attributes are written again all the same."
    )
