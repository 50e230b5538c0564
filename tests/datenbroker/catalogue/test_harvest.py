"""The catalogue is read as CKAN's harvester for DCAT reads it: page after page, by rdflib."""

import asyncio
import re
from pathlib import Path

import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from datenbroker.identities.roles import Role
from datenbroker.products.life_cycle import Step
from tests.datenbroker.products.council import ADMIN
from tests.datenbroker.products.market import Market, market

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),  # rdflib's own, of JSON-LD
]

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
FORMS = {"text/turtle": "turtle", "application/ld+json": "json-ld", "application/rdf+xml": "xml"}
SLUGS = [f"ladepunkte-{number}" for number in range(1, 6)]


async def fill(town: Market) -> None:
    for slug in SLUGS:
        await town.desk.publish(slug, visibility="open")


async def harvest(town: Market, address: str) -> list[Graph]:
    """As ckanext-dcat does: the form by Content-Type, on to hydra:next, an end where a page repeats the first."""
    pages: list[Graph] = []
    while address:
        answer = await town.http.get(address)
        assert answer.status_code == 200, answer.text
        kind = FORMS[answer.headers["content-type"].partition(";")[0]]
        page = Graph().parse(data=answer.content, format=kind)
        pages.append(page)
        views = page.subjects(RDF.type, HYDRA.PagedCollection)
        address = next((str(after) for view in views for after in page.objects(view, HYDRA.next)), "")
    return pages


@pytest.mark.parametrize("ending", ["ttl", "jsonld", "rdf"])
async def test_a_harvester_reads_all_pages_by_following_hydra_next(tmp_path: Path, ending: str) -> None:
    async with market(tmp_path) as town:
        await fill(town)
        pages = await harvest(town, f"/catalog.{ending}?limit=2")
        base = str(town.http.base_url).rstrip("/")
    found = [set(page.subjects(RDF.type, DCAT.Dataset)) for page in pages]
    assert [len(datasets) for datasets in found] == [2, 2, 1]
    assert set.union(*found) == {URIRef(f"{base}/catalog/{slug}") for slug in SLUGS}
    assert all(len(set(page.objects(None, HYDRA.totalItems))) == 1 for page in pages)


async def test_the_three_forms_tell_the_same(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish(visibility="open")
        told = [
            Graph().parse(
                data=(await town.http.get("/catalog/charging", headers={"Accept": media})).content, format=kind
            )
            for media, kind in FORMS.items()
        ]
    assert told[0].isomorphic(told[1])
    assert told[0].isomorphic(told[2])


async def test_what_is_found_without_a_key_is_open(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish("everybodys", visibility="open")
        await town.desk.publish("konzerns", visibility="konzern")
        await town.desk.publish("own", visibility="private")
        anybody = (await town.http.get("/catalog.ttl")).text
        headers = {"X-API-Key": (await town.keys.create("hcr", [Role.DATA_CONSUMER], "bus"))[0]}
        konzern = (await town.http.get("/catalog.ttl", headers=headers)).text
        assert (await town.http.get("/catalog/konzerns.ttl")).status_code == 404
    slugs = [re.findall(r"dcat:servesDataset <[^>]*/catalog/(\w+)>", text) for text in (anybody, konzern)]
    assert slugs == [["everybodys"], ["everybodys", "konzerns"]]


async def test_of_a_konzern_product_there_is_no_file_but_the_endpoint(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish()
        headers = {"X-API-Key": (await town.keys.create("hcr", [Role.DATA_CONSUMER], "bus"))[0]}
        graph = Graph().parse(data=(await town.http.get("/catalog/charging.ttl", headers=headers)).content)
    assert [str(one).rpartition("#")[2] for one in graph.objects(None, DCAT.distribution)] == ["ngsi-ld"]
    assert {str(one).rpartition("/")[2] for one in graph.objects(None, DCTERMS.accessRights)} == {"RESTRICTED"}


async def test_drafts_and_retired_products_are_not_in_the_catalogue(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await fill(town)
        await town.desk.products.step(SLUGS[0], Step.RETIRE, ADMIN)
        (page,) = await harvest(town, "/catalog")
        assert (await town.http.get(f"/catalog/{SLUGS[0]}.ttl")).status_code in (404, 410)
    assert len(set(page.subjects(RDF.type, DCAT.Dataset))) == 4


async def test_a_client_that_has_it_already_is_told_so(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish(visibility="open")
        for path in ("/catalog.ttl", "/catalog/charging.ttl"):
            first = await town.http.get(path)
            again = await town.http.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        since = {"If-Modified-Since": first.headers["last-modified"]}
        assert (await town.http.get("/catalog/charging.ttl", headers=since)).status_code == 304
        early = {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
        assert (await town.http.get("/catalog/charging.ttl", headers=early)).status_code == 200


async def test_head_answers_what_get_does(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        head, got = await town.http.head("/catalog.rdf"), await town.http.get("/catalog.rdf")
    assert (head.status_code, head.headers["content-type"]) == (200, "application/rdf+xml")
    assert head.headers["etag"] == got.headers["etag"]


async def test_only_what_changed_since_a_day_is_told_where_that_is_asked(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish(visibility="open")
        for day, count in (("2020-01-01", 1), ("2999-01-01", 0)):
            graph = Graph().parse(data=(await town.http.get(f"/catalog?modified_since={day}")).content)
            assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == count


async def test_what_cannot_be_had_is_said(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        codes = [
            (await town.http.get(path, headers={"Accept": accept})).status_code
            for path, accept in (
                ("/catalog.csv", "*/*"),
                ("/catalog?format=nothing", "*/*"),
                ("/catalog", "image/png"),
                ("/catalog?page=7", "*/*"),
                ("/catalog?page=0", "*/*"),
                ("/catalog/unknown", "*/*"),
            )
        ]
        host = await town.http.get("/catalog.ttl", headers={"Host": 'a"><b'})
    assert codes == [404, 400, 406, 404, 400, 404]
    assert "<b" not in host.text


async def test_one_address_cannot_keep_the_gateway_busy_with_searches(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await fill(town)
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(town.http.get(f"/catalog.ttl?limit={number}")) for number in range(1, 31)]
        codes = {one.result().status_code for one in asked}
        after = await town.http.get("/catalog.ttl")
    assert codes == {200, 429}
    assert after.status_code == 200
