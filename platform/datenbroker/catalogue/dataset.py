"""One product as a dataset of DCAT-AP.de 3.0, with what readers of 2.0 still look for."""

from urllib.parse import quote

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from datenbroker.catalogue.distributions import LANGUAGES, access_right, add_distributions, add_high_value
from datenbroker.catalogue.entry import Entry, Publication
from datenbroker.catalogue.quality.statements import add_quality
from datenbroker.catalogue.vocabulary import DCATAP, DCATDE, GEO, GEOCODING, GEODCATAP, VCARD, VERSION, eu, frequency
from datenbroker.products.product import duration


def add_dataset(graph: Graph, publication: Publication, entry: Entry) -> URIRef:
    """The dataset with its publisher, distributions, service and quality; its IRI."""
    product = entry.product
    dataset = URIRef(publication.dataset(product.slug))
    publisher = add_agent(graph, URIRef(f"{publication.catalogue}#{product.organisation}"), entry.owner)
    graph.add((dataset, RDF.type, DCAT.Dataset))
    for language in LANGUAGES:
        graph.add((dataset, DCTERMS.title, Literal(getattr(product.title, language), lang=language)))
        graph.add((dataset, DCTERMS.description, Literal(getattr(product.description, language), lang=language)))
        graph.add((dataset, DCTERMS.language, eu("language", {"de": "DEU", "en": "ENG"}[language])))
    graph.add((dataset, DCTERMS.identifier, Literal(str(dataset))))
    graph.add((dataset, DCTERMS.publisher, publisher))
    for maintained in (GEODCATAP.custodian, DCATDE.maintainer):  # of 3.0, and of 2.0
        graph.add((dataset, maintained, publisher))
    graph.add((dataset, DCAT.theme, eu("data-theme", product.theme)))
    for word in product.keywords:
        graph.add((dataset, DCAT.keyword, Literal(word, lang="de")))
    for name in product.served.types:
        graph.add((dataset, DCAT.keyword, Literal(name.rpartition("/")[2].rpartition("#")[2] or name)))
    graph.add((dataset, DCTERMS.accrualPeriodicity, frequency(duration(product.update_interval))))
    graph.add((dataset, DCTERMS.accessRights, access_right(product)))
    graph.add((dataset, DCATAP.availability, eu("planned-availability", "STABLE")))
    graph.add((dataset, DCAT.landingPage, URIRef(f"{dataset}?format=html")))
    graph.add((dataset, DCTERMS.issued, Literal(entry.issued)))
    graph.add((dataset, DCTERMS.modified, Literal(entry.modified)))
    graph.add((dataset, VERSION, Literal(str(product.version))))
    if publication.contributor:
        graph.add((dataset, DCATDE.contributorID, URIRef(publication.contributor)))
    add_high_value(graph, dataset, product)
    _add_contact(graph, dataset, entry)
    _add_place_and_time(graph, dataset, publication, entry)
    add_distributions(graph, publication, entry, publisher)
    add_quality(graph, dataset, publication, entry.quality)
    return dataset


def add_agent(graph: Graph, agent: URIRef, name: str) -> URIRef:
    graph.add((agent, RDF.type, FOAF.Agent))
    graph.add((agent, FOAF.name, Literal(name, lang="de")))
    return agent


def _add_contact(graph: Graph, dataset: URIRef, entry: Entry) -> None:
    contact, card = entry.product.contact, URIRef(f"{dataset}#contact")
    graph.add((dataset, DCAT.contactPoint, card))
    graph.add((card, RDF.type, VCARD.Organization))
    graph.add((card, RDF.type, VCARD.Kind))
    graph.add((card, VCARD.fn, Literal(contact.name)))
    graph.add((card, VCARD.hasEmail, URIRef(mailto(contact.email))))


def mailto(email: str) -> str:
    """An address may hold what an IRI may not."""
    return f"mailto:{quote(email, safe='@+')}"


def _add_place_and_time(graph: Graph, dataset: URIRef, publication: Publication, entry: Entry) -> None:
    municipality = URIRef(f"{GEOCODING}municipalityKey/{publication.municipality}")
    graph.add((municipality, RDF.type, DCTERMS.Location))
    point = Literal("POINT({:.5f} {:.5f})".format(*publication.centre), datatype=GEO.wktLiteral)
    graph.add((municipality, DCAT.centroid, point))
    graph.add((dataset, DCTERMS.spatial, municipality))
    graph.add((dataset, DCATDE.politicalGeocodingURI, municipality))
    graph.add((dataset, DCATDE.politicalGeocodingLevelURI, URIRef(f"{GEOCODING}Level/municipality")))
    if entry.quality and entry.quality.bbox:
        west, south, east, north = entry.quality.bbox
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        wkt = "POLYGON((" + ",".join(f"{longitude:.5f} {latitude:.5f}" for longitude, latitude in corners) + "))"
        place = BNode()
        graph.add((place, RDF.type, DCTERMS.Location))
        graph.add((place, DCAT.bbox, Literal(wkt, datatype=GEO.wktLiteral)))
        graph.add((dataset, DCTERMS.spatial, place))
    period = BNode()
    graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
    graph.add((period, DCAT.startDate, Literal(entry.issued.date(), datatype=XSD.date)))
    graph.add((dataset, DCTERMS.temporal, period))
