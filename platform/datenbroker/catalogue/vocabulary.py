"""The controlled vocabularies that DCAT-AP.de 3.0 asks for, and the namespaces. Source: docs/catalogue.md."""

from datetime import timedelta

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, SKOS, XSD

from datenbroker.products.vocabulary import HVD, HVD_CATEGORIES, THEME_NAMES, THEMES

DCATAP = Namespace("http://data.europa.eu/r5r/")
DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
GEODCATAP = Namespace("http://data.europa.eu/930/")
DQV = Namespace("http://www.w3.org/ns/dqv#")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")

VERSION = URIRef("http://www.w3.org/ns/dcat#version")
"""Of DCAT 3, which rdflib does not know yet."""

EU = "http://publications.europa.eu/resource/authority/"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
GEOCODING = "http://dcat-ap.de/def/politicalGeocoding/"
NGSI_LD = URIRef("https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld")

PREFIXES = {
    "dcat": DCAT,
    "dct": DCTERMS,
    "dcatap": DCATAP,
    "dcatde": DCATDE,
    "dqv": DQV,
    "foaf": FOAF,
    "geo": GEO,
    "geodcatap": GEODCATAP,
    "hydra": HYDRA,
    "prov": PROV,
    "rdf": RDF,
    "skos": SKOS,
    "vcard": VCARD,
    "xsd": XSD,
}

KINDS = (
    (DCAT.theme, SKOS.Concept),
    (DCAT.themeTaxonomy, SKOS.ConceptScheme),
    (DCAT.mediaType, DCTERMS.MediaType),
    (DCAT.landingPage, FOAF.Document),
    (DCATAP.availability, SKOS.Concept),
    (DCATAP.hvdCategory, SKOS.Concept),
    (DCATAP.applicableLegislation, URIRef("http://data.europa.eu/eli/ontology#LegalResource")),
    (DCTERMS.accessRights, DCTERMS.RightsStatement),
    (DCTERMS.accrualPeriodicity, DCTERMS.Frequency),
    (DCTERMS.conformsTo, DCTERMS.Standard),
    (DCTERMS["format"], DCTERMS.MediaTypeOrExtent),
    (DCTERMS.language, DCTERMS.LinguisticSystem),
    (DCTERMS.license, DCTERMS.LicenseDocument),
    (FOAF.homepage, FOAF.Document),
    (FOAF.page, FOAF.Document),
)
"""Of which class the values of a property are, as the shapes of DCAT-AP 3.0 demand."""

NAMES: dict[str, dict[str, str]] = {
    EU + "data-theme": {"de": "Datenthema", "en": "Data theme"},
    EU + "planned-availability/STABLE": {"de": "stabil", "en": "stable"},
    **{THEMES + code: names for code, names in THEME_NAMES.items()},
    **{HVD + code: names for code, names in HVD_CATEGORIES.items()},
}

_FREQUENCIES = (
    (timedelta(minutes=59), "UPDATE_CONT"),
    (timedelta(hours=2), "HOURLY"),
    (timedelta(hours=20), "OTHER"),
    (timedelta(hours=36), "DAILY"),
    (timedelta(days=5), "OTHER"),
    (timedelta(days=10), "WEEKLY"),
    (timedelta(days=25), "OTHER"),
    (timedelta(days=35), "MONTHLY"),
    (timedelta(days=80), "OTHER"),
    (timedelta(days=100), "QUARTERLY"),
    (timedelta(days=350), "OTHER"),
    (timedelta(days=380), "ANNUAL"),
)
"""Up to which interval the EU's list has which code; finer codes than these are not in all versions of the list."""


def frequency(interval: timedelta) -> URIRef:
    """The EU's frequency that an update interval comes nearest to; OTHER where none does."""
    code = next((code for longest, code in _FREQUENCIES if interval <= longest), "OTHER")
    return eu("frequency", code)


def eu(vocabulary: str, code: str) -> URIRef:
    return URIRef(f"{EU}{vocabulary}/{code}")


def add_kinds(graph: Graph) -> None:
    """Says of what stands in others' vocabularies what it is and is called: who validates a page has only the page."""
    for predicate, kind in KINDS:
        for value in set(graph.objects(None, predicate)):
            graph.add((value, RDF.type, kind))
            naming = DCTERMS.title if kind == SKOS.ConceptScheme else SKOS.prefLabel
            for language, name in NAMES.get(str(value), {}).items():
                graph.add((value, naming, Literal(name, lang=language)))


def new_graph() -> Graph:
    """Empty, with the prefixes as people know them."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph
