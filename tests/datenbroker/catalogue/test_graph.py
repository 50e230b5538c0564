"""What the catalogue tells is what DCAT-AP.de demands, by shapes and by value."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from datenbroker.catalogue.entry import Entry, Publication
from datenbroker.catalogue.graph import Page, page_graph
from datenbroker.catalogue.quality.measurement import Quality
from datenbroker.catalogue.vocabulary import DCATAP, DCATDE, DQV, KINDS, frequency
from datenbroker.products.product import Product, State
from datenbroker.products.vocabulary import HVD_LAW, OPEN_LICENCES
from tests.datenbroker.products.council import described

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pyshacl", "ignore::DeprecationWarning:rdflib")

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
PUBLICATION = Publication("https://daten.example.org", "Datenkatalog", "Data catalogue", "Stadt Herne", "05916000")
DATASET = URIRef("https://daten.example.org/catalog/charging")
MEASURED = Quality(
    slug="charging", day="2026-11-22", at=NOW, entities=3, completeness=0.5, attributes={"status": 0.5}, timeliness=1.0,
    dated=3, newest=NOW + timedelta(hours=1), values=6, flagged=0.25, bbox=(7.1, 51.5, 7.3, 51.6),
)  # fmt: skip


def entry(quality: Quality | None = MEASURED, **changes: Any) -> Entry:
    known = {"organisation": "stadtwerke", "created": NOW, "modified": NOW, "by": "x", "released": NOW}
    product = Product.model_validate(
        described(**({"visibility": "open"} | changes)) | known | {"state": State.AVAILABLE}
    )
    return Entry(product, "Stadtwerke Herne", quality)


def graph_of(*entries: Entry, publication: Publication = PUBLICATION) -> Graph:
    return page_graph(publication, Page(entries, 1, 10, len(entries)))


@cache
def shapes() -> Graph:
    return Graph().parse(Path(__file__).with_name("shapes.ttl"))


def problems(graph: Graph) -> str:
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes())
    return "" if conforms else str(text)


@pytest.mark.parametrize("visibility", ["open", "konzern", "private"])
@pytest.mark.parametrize("quality", [MEASURED, None], ids=["measured", "not measured"])
def test_the_catalogue_keeps_the_shapes(visibility: str, quality: Quality | None) -> None:
    assert problems(graph_of(entry(quality, visibility=visibility))) == ""


@pytest.mark.parametrize(
    ("subject", "predicate"),
    [
        (None, DCTERMS.license),
        (DATASET, DCTERMS.publisher),
        (None, DCAT.accessURL),
        (None, DCATDE.licenseAttributionByText),
    ],
)
def test_the_shapes_see_what_is_missing(subject: URIRef | None, predicate: URIRef) -> None:
    graph = graph_of(entry())
    graph.remove((subject, predicate, None))
    assert "Violation" in problems(graph)


@pytest.mark.parametrize("licence", sorted(OPEN_LICENCES))
def test_each_licence_is_told_by_its_address(licence: str) -> None:
    graph = graph_of(entry(licence=licence))
    assert set(graph.objects(None, DCTERMS.license)) == {URIRef(f"http://dcat-ap.de/def/licenses/{licence}")}
    assert problems(graph) == ""


@pytest.mark.parametrize(
    ("interval", "code"),
    {
        "PT1M": "UPDATE_CONT",
        "PT15M": "UPDATE_CONT",
        "PT1H": "HOURLY",
        "PT6H": "OTHER",
        "P1D": "DAILY",
        "P3D": "OTHER",
        "P1W": "WEEKLY",
        "P30D": "MONTHLY",
        "P91D": "QUARTERLY",
        "P365D": "ANNUAL",
    }.items(),
)
def test_the_update_interval_is_a_frequency_of_the_eu(interval: str, code: str) -> None:
    graph = graph_of(entry(update_interval=interval))
    (told,) = graph.objects(DATASET, DCTERMS.accrualPeriodicity)
    assert str(told) == f"http://publications.europa.eu/resource/authority/frequency/{code}"


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=40_000)))
def test_each_interval_has_a_frequency(interval: timedelta) -> None:
    assert str(frequency(interval)).startswith("http://publications.europa.eu/resource/authority/frequency/")


def test_the_last_change_is_that_of_the_data() -> None:
    assert list(graph_of(entry()).objects(DATASET, DCTERMS.modified)) == [Literal(NOW + timedelta(hours=1))]
    assert list(graph_of(entry(None)).objects(DATASET, DCTERMS.modified)) == [Literal(NOW)]


def test_the_quality_is_told_as_measurements() -> None:
    graph = graph_of(entry())
    values = {
        str(metric).rpartition("-")[2]: graph.value(one, DQV.value)
        for one in graph.objects(DATASET, DQV.hasQualityMeasurement)
        for metric in graph.objects(one, DQV.isMeasurementOf)
    }
    told = {name: value.toPython() for name, value in values.items() if isinstance(value, Literal)}
    assert told == {"completeness": 0.5, "timeliness": 1.0, "flagged": 0.25, "entities": 3}


def test_a_contributor_is_told_where_govdata_has_assigned_one() -> None:
    one = Publication("https://d.example", "a", "b", "c", "05916000", "http://dcat-ap.de/def/contributors/herne")
    graph = graph_of(entry(), publication=one)
    assert {str(found) for found in graph.objects(None, DCATDE.contributorID)} == {one.contributor}
    assert list(graph_of(entry()).objects(None, DCATDE.contributorID)) == []


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
def test_any_title_and_contact_can_be_written_and_read_again(title: str) -> None:
    contact = {"name": title, "email": "a'\"<x>@d.de".replace("<", "").replace(">", "")}
    graph = graph_of(entry(title={"de": title, "en": title}, contact=contact))
    for form in ("turtle", "xml"):
        again = Graph().parse(data=graph.serialize(format=form), format=form)
        assert set(again.objects(DATASET, DCTERMS.title)) == {Literal(title, lang="de"), Literal(title, lang="en")}


def test_a_high_value_dataset_tells_its_category_and_the_law_wherever_the_regulation_wants_it() -> None:
    graph = graph_of(entry(hvd_category="c_38933a65"), entry(slug="other"))
    [dataset], [service] = (
        {*graph.subjects(DCATAP.hvdCategory)} & {*graph.subjects(RDF.type, kind)}
        for kind in (DCAT.Dataset, DCAT.DataService)
    )
    told = {*graph.subjects(DCATAP.applicableLegislation, URIRef(HVD_LAW))}
    assert told == {dataset, service, *graph.objects(dataset, DCAT.distribution)}
    assert (service, DCAT.contactPoint, None) in graph and (service, FOAF.page, None) in graph
    assert problems(graph) == ""


def test_what_is_in_others_vocabularies_says_of_which_class_it_is() -> None:
    graph = graph_of(entry())
    for predicate, kind in KINDS:
        assert {*graph.objects(None, predicate)} <= {*graph.subjects(RDF.type, kind)}


def test_the_words_that_people_search_for_are_german_keywords() -> None:
    graph = graph_of(entry(keywords=("Ladesäule", "E-Auto")))
    words = [word for word in graph.objects(None, DCAT.keyword) if isinstance(word, Literal) and word.language == "de"]
    assert sorted(map(str, words)) == ["E-Auto", "Ladesäule"]
