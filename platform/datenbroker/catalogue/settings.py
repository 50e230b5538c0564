"""The settings of the catalogue. Part of `datenbroker.settings`."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode

from datenbroker.access_settings import Listed, address
from datenbroker.catalogue.entry import HERNE_CENTRE


class CatalogueSettings(BaseSettings):
    """Mixed into `Settings`."""

    catalogue_title: str = Field("Datenkatalog Konzern Stadt Herne", description="Title of the catalogue, in German.")
    catalogue_title_en: str = Field("Data catalogue of the City of Herne", description="The same in English.")
    catalogue_publisher: str = Field("Stadt Herne", description="Who publishes the catalogue.")
    catalogue_contributor: Annotated[str, address("http", "https")] | None = Field(
        None,
        description="dcatde:contributorID of each dataset, http://dcat-ap.de/def/contributors/…; GovData assigns it.",
    )
    catalogue_municipality: str = Field(
        "05916000",
        pattern=r"^\d{8}$",
        description="Amtlicher Gemeindeschlüssel (8 digits) of the place that the data are about.",
    )
    catalogue_centre: Annotated[tuple[float, float], NoDecode, Listed] = Field(
        HERNE_CENTRE, description="The middle of that place: longitude,latitude in degrees."
    )
    inventory_metres: float = Field(
        25.0,
        ge=1,
        le=1000,
        description="So near (m) two organisations' things of one type count as the same place in the data inventory.",
    )
    catalogue_page: int = Field(50, ge=1, le=100, description="Datasets on a page of the catalogue.")
