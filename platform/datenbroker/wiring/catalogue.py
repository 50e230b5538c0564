"""The catalogue of a process: what its routes work with, and the job that measures quality."""

from importlib.util import find_spec

from datenbroker.catalogue.entry import Publication
from datenbroker.catalogue.inventory.survey import Survey
from datenbroker.catalogue.quality.job import Measuring
from datenbroker.catalogue.quality.records import QualityRecords
from datenbroker.gateway.catalogue.parts import Catalogue
from datenbroker.gateway.catalogue.reading import ThroughProducts
from datenbroker.gateway.management.sharing import Sharing
from datenbroker.gateway.management.sources import SourceParts
from datenbroker.identities.organisations import Organisations
from datenbroker.settings import Settings
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore
from ngsi_client.client import NgsiClient


async def start_catalogue(
    process: Process, sharing: Sharing, organisations: Organisations, sources: SourceParts, client: NgsiClient
) -> Catalogue:
    """Measures quality until the process ends; `client` reads the tenants for the inventory."""
    catalogue = catalogue_of(process.settings, sources.store, organisations, sharing)
    assert catalogue.survey is not None
    catalogue.survey.client, catalogue.survey.sources = client, sources.declared
    await process.started(Measuring(catalogue.products, catalogue.reading, catalogue.records))
    return catalogue


def catalogue_of(settings: Settings, store: DocumentStore, organisations: Organisations, sharing: Sharing) -> Catalogue:
    """What the routes work with."""
    assert sharing.pages is not None
    publication = Publication(
        base=settings.public_url or "",
        title=settings.catalogue_title,
        title_en=settings.catalogue_title_en,
        publisher=settings.catalogue_publisher,
        municipality=settings.catalogue_municipality,
        contributor=settings.catalogue_contributor,
        centre=settings.catalogue_centre,
        parquet=find_spec("pyarrow") is not None,
        history=settings.broker_url is not None,
    )
    reading = ThroughProducts(sharing.pages)
    survey = Survey(store, sharing.products, organisations, tuple, metres=settings.inventory_metres)
    return Catalogue(
        sharing.products,
        organisations,
        QualityRecords(store),
        reading,
        publication,
        sharing.grants,
        settings.catalogue_page,
        survey,
    )
