"""How a product is had: its NGSI-LD endpoint as a service, and the exports as files."""

from typing import NamedTuple

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from datenbroker.catalogue.entry import Entry, Publication
from datenbroker.catalogue.vocabulary import DCATAP, DCATDE, MEDIA_TYPES, NGSI_LD, eu
from datenbroker.products.product import Product, Visibility
from datenbroker.products.vocabulary import HVD, HVD_LAW, LICENCES

LANGUAGES = ("de", "en")


class File(NamedTuple):
    """An export: the ending of its path, its name, and the codes of the EU and of IANA."""

    ending: str
    title: str
    file_type: str
    media_type: str


FILES = (
    File("csv", "CSV", "CSV", "text/csv"),
    File("geojson", "GeoJSON", "GEOJSON", "application/geo+json"),
    File("json", "NGSI-LD (JSON)", "JSON", "application/json"),
    File("parquet", "Apache Parquet", "PARQUET", "application/vnd.apache.parquet"),
)


def files(publication: Publication) -> tuple[File, ...]:
    """Those that this platform can write."""
    return tuple(file for file in FILES if file.ending != "parquet" or publication.parquet)


def add_distributions(graph: Graph, publication: Publication, entry: Entry, publisher: URIRef) -> None:
    """Of an open product the files too; of others only the endpoint, which says how to ask for access."""
    product = entry.product
    dataset = URIRef(publication.dataset(product.slug))
    service = _add_service(graph, publication, entry, publisher)
    api = URIRef(f"{dataset}#ngsi-ld")
    address = URIRef(f"{publication.product(product.slug)}/ngsi-ld/v1/entities")
    _add(graph, dataset, api, entry)
    graph.add((api, DCTERMS.title, Literal("NGSI-LD-Schnittstelle", lang="de")))
    graph.add((api, DCTERMS.title, Literal("NGSI-LD API", lang="en")))
    graph.add((api, DCAT.accessURL, address))
    graph.add((api, DCAT.accessService, service))
    graph.add((api, DCTERMS.format, eu("file-type", "JSON_LD")))
    graph.add((api, DCAT.mediaType, URIRef(MEDIA_TYPES + "application/ld+json")))
    graph.add((api, DCTERMS.conformsTo, NGSI_LD))
    if product.visibility is not Visibility.OPEN:
        return
    for file in files(publication):
        node = URIRef(f"{dataset}#{file.ending}")
        download = URIRef(f"{publication.product(product.slug)}/export.{file.ending}")
        _add(graph, dataset, node, entry)
        graph.add((node, DCTERMS.title, Literal(file.title, lang="de")))
        graph.add((node, DCAT.accessURL, download))
        graph.add((node, DCAT.downloadURL, download))
        graph.add((node, DCTERMS.format, eu("file-type", file.file_type)))
        graph.add((node, DCAT.mediaType, URIRef(MEDIA_TYPES + file.media_type)))


def _add(graph: Graph, dataset: URIRef, node: URIRef, entry: Entry) -> None:
    product = entry.product
    graph.add((dataset, DCAT.distribution, node))
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.license, licence(product)))
    graph.add((node, DCATAP.availability, eu("planned-availability", "STABLE")))
    graph.add((node, DCTERMS.modified, Literal(entry.modified)))
    if product.hvd_category:
        graph.add((node, DCATAP.applicableLegislation, URIRef(HVD_LAW)))
    if names_its_source(product):
        graph.add((node, DCATDE.licenseAttributionByText, Literal(entry.owner, lang="de")))


def _add_service(graph: Graph, publication: Publication, entry: Entry, publisher: URIRef) -> URIRef:
    product = entry.product
    dataset = URIRef(publication.dataset(product.slug))
    service = URIRef(f"{dataset}#service")
    graph.add((service, RDF.type, DCAT.DataService))
    for language in LANGUAGES:
        text = f"NGSI-LD: {getattr(product.title, language)}"
        graph.add((service, DCTERMS.title, Literal(text, lang=language)))
    graph.add((service, DCTERMS.publisher, publisher))
    graph.add((service, DCAT.endpointURL, URIRef(f"{publication.product(product.slug)}/ngsi-ld/v1")))
    graph.add((service, DCAT.endpointDescription, URIRef(f"{publication.base}/openapi.json")))
    graph.add((service, DCAT.servesDataset, dataset))
    graph.add((service, DCTERMS.license, licence(product)))
    graph.add((service, DCTERMS.accessRights, access_right(product)))
    graph.add((service, DCTERMS.conformsTo, NGSI_LD))
    graph.add((service, DCATAP.availability, eu("planned-availability", "STABLE")))
    graph.add((service, FOAF.page, URIRef(f"{publication.base}/docs")))
    graph.add((service, DCAT.contactPoint, URIRef(f"{dataset}#contact")))
    add_high_value(graph, service, product)
    return service


def add_high_value(graph: Graph, resource: URIRef, product: Product) -> None:
    """Of a high-value dataset (DCAT-AP HVD) its category and the law; the dataset and its service carry both."""
    if product.hvd_category:
        graph.add((resource, DCATAP.hvdCategory, URIRef(HVD + product.hvd_category)))
        graph.add((resource, DCATAP.applicableLegislation, URIRef(HVD_LAW)))


def licence(product: Product) -> URIRef:
    return URIRef(LICENCES + product.licence)


def names_its_source(product: Product) -> bool:
    """Whether whoever uses the data must name where they are from (convention K35)."""
    return "-by" in product.licence or product.licence in {"odby", "odbl"} or product.licence.startswith("geo")


def access_right(product: Product) -> URIRef:
    rights = {Visibility.OPEN: "PUBLIC", Visibility.KONZERN: "RESTRICTED", Visibility.PRIVATE: "NON_PUBLIC"}
    return eu("access-right", rights[product.visibility])
