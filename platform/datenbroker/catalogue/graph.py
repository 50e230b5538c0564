"""The catalogue as RDF, page by page, as CKAN's harvesters read it (ckanext-dcat follows hydra:next)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from datenbroker.catalogue.dataset import add_agent, add_dataset
from datenbroker.catalogue.entry import Entry, Publication
from datenbroker.catalogue.vocabulary import DCATAP, EU, HYDRA, add_kinds, eu, new_graph

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the catalogue: its number from 1, how many entries a page and altogether, and what was asked for.

    `path` is that of this page, e.g. /catalog.ttl; `query` are the parameters beside `page`.
    """

    entries: Sequence[Entry]
    number: int
    size: int
    total: int
    path: str = "/catalog"
    query: Pairs = ()

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    def address(self, base: str, number: int) -> str:
        return f"{base}{self.path}?{urlencode([*self.query, ('page', number)])}"


def page_graph(publication: Publication, page: Page) -> Graph:
    """The catalogue with the datasets of one page."""
    graph = new_graph()
    catalogue = URIRef(publication.catalogue)
    _describe(graph, publication, catalogue)
    for entry in page.entries:
        dataset = add_dataset(graph, publication, entry)
        graph.add((catalogue, DCAT.dataset, dataset))
        graph.add((catalogue, DCAT.service, URIRef(f"{dataset}#service")))
    dates = [entry.modified for entry in page.entries]
    if dates:
        graph.add((catalogue, DCTERMS.modified, Literal(max(dates))))
    _add_paging(graph, publication, catalogue, page)
    add_kinds(graph)
    return graph


def dataset_graph(publication: Publication, entry: Entry) -> Graph:
    """One dataset alone."""
    graph = new_graph()
    add_dataset(graph, publication, entry)
    add_kinds(graph)
    return graph


def _describe(graph: Graph, publication: Publication, catalogue: URIRef) -> None:
    publisher = add_agent(graph, URIRef(f"{catalogue}#publisher"), publication.publisher)
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    graph.add((catalogue, DCTERMS.title, Literal(publication.title, lang="de")))
    graph.add((catalogue, DCTERMS.title, Literal(publication.title_en, lang="en")))
    text = "Datenprodukte von Stadt und Tochterunternehmen, mit Schnittstellen und Dateien"
    graph.add((catalogue, DCTERMS.description, Literal(text, lang="de")))
    text = "Data products of the city and its subsidiaries, with interfaces and files"
    graph.add((catalogue, DCTERMS.description, Literal(text, lang="en")))
    graph.add((catalogue, DCTERMS.publisher, publisher))
    graph.add((catalogue, DCTERMS.language, eu("language", "DEU")))
    graph.add((catalogue, DCTERMS.language, eu("language", "ENG")))
    graph.add((catalogue, DCAT.themeTaxonomy, URIRef(EU + "data-theme")))
    graph.add((catalogue, DCATAP.availability, eu("planned-availability", "STABLE")))
    graph.add((catalogue, FOAF.homepage, URIRef(publication.base + "/")))


def _add_paging(graph: Graph, publication: Publication, catalogue: URIRef, page: Page) -> None:
    """With the names of PartialCollectionView, and those of PagedCollection that older readers look for."""
    base = publication.base
    node = URIRef(page.address(base, page.number))
    for kind in (HYDRA.PartialCollectionView, HYDRA.PagedCollection):
        graph.add((node, RDF.type, kind))
    graph.add((catalogue, HYDRA.view, node))
    graph.add((node, HYDRA.totalItems, Literal(page.total)))
    graph.add((node, HYDRA.itemsPerPage, Literal(page.size)))
    others = {"first": 1, "last": page.last}
    if page.number > 1:
        others["previous"] = page.number - 1
    if page.number < page.last:
        others["next"] = page.number + 1
    for name, number in others.items():
        other = URIRef(page.address(base, number))
        graph.add((node, HYDRA[name], other))
        graph.add((node, HYDRA[name + "Page"], other))
