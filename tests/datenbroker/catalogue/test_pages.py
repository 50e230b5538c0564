"""The pages for people: found, read in two languages, and safe whatever a product says of itself."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from datenbroker.catalogue.pages.licences import licence_name
from datenbroker.catalogue.pages.table import table_of
from datenbroker.catalogue.pages.words import moment_text
from datenbroker.catalogue.quality.job import HERNE
from datenbroker.identities.roles import Role
from datenbroker.products.vocabulary import CLOSED_LICENCES, OPEN_LICENCES, THEME_NAMES
from tests.datenbroker.products.council import BUSES, ENERGY
from tests.datenbroker.products.market import Market, market, station

pytestmark = pytest.mark.anyio

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "de-DE,de;q=0.9",
}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}${7}]]>"


class Read(HTMLParser):
    """Which elements a page has, which ids, and whether each opened one is closed."""

    VOID = frozenset({"meta", "link", "input", "br", "rect", "line", "circle", "path", "img"})

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.attributes if each == name]


async def look(town: Market, path: str, **headers: str) -> httpx.Response:
    page = await town.http.get(path, headers=BROWSER | headers)
    assert page.status_code == 200, page.text
    return page


async def test_people_are_led_from_the_address_alone_to_the_catalogue(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        person, machine = await town.http.get("/", headers=BROWSER), await town.http.get("/")
    assert person.headers["location"].endswith("catalog")
    assert machine.headers["location"].endswith("docs")


@pytest.mark.parametrize("path", ["/catalog", "/catalog/charging", "/inventory"])
async def test_a_page_is_well_formed_accessible_and_loads_nothing_from_elsewhere(tmp_path: Path, path: str) -> None:
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(number) for number in range(12)])
        await town.desk.publish(visibility="open")
        page = await look(town, path, **await town.key(Role.DATA_STEWARD))
    read = Read(page)
    assert read.open == []
    assert [read.names.count(name) for name in ("main", "header", "footer", "h1")] == [1, 1, 1, 1]
    assert not {"script", "style", "iframe"} & set(read.names)
    assert len(set(read.all("id"))) == len(read.all("id"))
    assert set(read.all("aria-labelledby")) | {one[1:] for one in read.all("href") if one[:1] == "#"} <= set(
        read.all("id")
    )
    assert set(read.all("for")) <= set(read.all("id"))
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert read.all("style") == []
    assert page.headers.get_list("content-security-policy") == [page.headers["content-security-policy"]]


@pytest.mark.parametrize("place", ["title", "description", "contact"])
async def test_what_a_product_says_of_itself_is_never_run(tmp_path: Path, place: str) -> None:
    text = {"de": HOSTILE, "en": HOSTILE}
    changes: dict[str, Any] = {place: {"name": HOSTILE, "email": "a\"'@b.de"} if place == "contact" else text}
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(1, name=HOSTILE) | {"status": {"type": "Property", "value": HOSTILE}}])
        await town.desk.publish(visibility="open", selection={"types": ["EVChargingStation"]}, **changes)
        for path in ("/catalog", "/catalog/charging", f"/catalog?text={HOSTILE}&type={HOSTILE}&theme=%22"):
            page = await look(town, path)
            assert "<script" not in page.text
            assert "<img" not in page.text
            assert not [name for name, _ in Read(page).attributes if name.startswith("on")]


async def test_long_titles_and_many_products_are_shown(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish(visibility="open", title={"de": "Donaudampfschiff" * 60, "en": "x" * 1000})
        page = await look(town, "/catalog")
    assert "1 Datenprodukt<" in page.text


async def test_pages_are_german_or_english_as_the_browser_likes(tmp_path: Path) -> None:
    asked = {"en-GB,en;q=0.9,de;q=0.3": "en", "fr": "de", "de;q=0.2,en;q=0.9": "en", "": "de", "x;q=z,": "de"}
    async with market(tmp_path) as town:
        await town.desk.publish(visibility="open")
        for header, language in asked.items():
            page = await look(town, "/catalog/charging", **{"Accept-Language": header})
            assert f'<html lang="{language}">' in page.text
        switched = await look(town, "/catalog/charging?lang=en")
    assert "<h1>Charging points</h1>" in switched.text
    assert 'href="?lang=de"' in switched.text


async def test_products_are_found_by_words_theme_type_and_owner(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish("one", visibility="open", theme="ENER", title={"de": "Strom & Wärme", "en": "x"})
        await town.desk.publish("two", visibility="open", selection={"types": ["Bench"]})
        for query, found in (
            ("text=w%C3%A4rme+STROM", ["one"]),
            ("theme=ENER", ["one"]),
            ("type=Bench", ["two"]),
            (f"owner={ENERGY}", ["one", "two"]),
            ("owner=nobody", []),
        ):
            page = await look(town, f"/catalog?{query}")
            assert [slug for slug in ("one", "two") if f'href="/catalog/{slug}?' in page.text] == found
    assert THEME_NAMES["ENER"]["de"] in page.text


async def test_who_may_not_use_a_product_reads_how_to_ask_and_sees_no_data(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(77)])
        await town.desk.publish()
        other, own = await town.key(Role.DATA_CONSUMER, BUSES), await town.key(Role.DATA_PROVIDER)
        refused, shown = await look(town, "/catalog/charging", **other), await look(town, "/catalog/charging", **own)
        nobody = await town.http.get("/catalog/charging", headers=BROWSER)
    assert "EVChargingStation:00077" not in refused.text
    assert "/products/charging/grants" in refused.text
    assert "EVChargingStation:00077" in shown.text
    assert nobody.status_code == 404


async def test_pages_are_shown_one_after_the_other(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        for number in range(3):
            await town.desk.publish(f"p{number}", visibility="open")
        second = await look(town, "/catalog?limit=1&page=2")
    assert 'rel="prev" href="/catalog?limit=1&amp;page=1"' in second.text
    assert 'rel="next" href="/catalog?limit=1&amp;page=3"' in second.text


async def test_a_page_says_the_licence_whom_to_name_and_where_to_download(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(1)])
        await town.desk.publish(visibility="open", keywords=["Ladesäule"], hvd_category="c_b7de66cd")
        await town.desk.publish("inner")
        page = await look(town, "/catalog/charging")
        inner = await look(town, "/catalog/inner", **await town.key(Role.DATA_CONSUMER, BUSES))
        found = await look(town, "/catalog?text=lades%C3%A4ule")
    assert '<a href="http://dcat-ap.de/def/licenses/dl-by-de/2.0">Datenlizenz Deutschland – Namensnennung' in page.text
    assert f"Nennen Sie als Quelle: {ENERGY}" in page.text
    assert '<a href="/products/charging/export.csv">CSV</a>' in page.text
    assert "Energiequellen" in page.text and "Ladesäule" in page.text
    assert "/products/inner/export" not in inner.text.partition("Mit curl")[0]
    assert "1 Datenprodukt<" in found.text


@pytest.mark.parametrize(
    ("observed", "shown"),
    [
        ("2026-11-22T10:00:00Z", "22.11.2026, 11:00 Uhr"),
        ("2026-07-22T10:00:00.5+00:00", "22.07.2026, 12:00 Uhr"),
        ("2026-11-22", None),
        ("yesterday", None),
    ],
)
def test_times_are_those_of_the_city_and_what_is_none_is_left_out(observed: str, shown: str | None) -> None:
    time = table_of([{"id": "urn:x", "type": "T", "a": {"value": 1, "observedAt": observed}}]).rows[0].observed
    assert (moment_text(time.astimezone(HERNE), "de") if time else None) == shown


@pytest.mark.parametrize("licence", sorted(OPEN_LICENCES | CLOSED_LICENCES))
def test_each_licence_has_something_to_call_it(licence: str) -> None:
    assert licence not in (licence_name(licence, "de"), licence_name(licence, "en"))
