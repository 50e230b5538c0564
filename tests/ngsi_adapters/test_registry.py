"""Every source on disk is registered, has samples and stays small and pure."""

import ast
from pathlib import Path

import pytest

from ngsi_adapters import registry, sources
from ngsi_adapters.registry import SOURCES, listing, sources_with_urls
from tests.ngsi_adapters.conftest import SAMPLES

FOLDER = Path(str(sources.__file__)).parent
MODULES = sorted(path for path in FOLDER.rglob("*.py") if path.stem != "__init__")
PURE = {"collections", "csv", "data_models", "datetime", "functools", "io", "itertools", "math", "ngsi_adapters"}
PURE |= {"ngsi_client", "operator", "re", "typing", "xml", "zoneinfo"}
"""What a source imports beside libraries for its format."""
FORMATS = {"dateutil", "dwdparse", "google", "icalendar", "pydifact", "sml"}


def test_every_module_is_registered_in_order_and_named_as_its_source() -> None:
    found = sorted(".".join(path.relative_to(FOLDER).with_suffix("").parts) for path in MODULES)
    assert found == list(registry.MODULES)
    assert [name.rpartition(".")[2] for name in found] == [source.uid for source in SOURCES]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.uid)
def test_every_source_has_a_sample(source: object) -> None:
    uid = getattr(source, "uid", "")
    assert any((SAMPLES / uid).iterdir())


def test_it_is_written_down_where_every_sample_comes_from_and_what_it_was_checked_against() -> None:
    lines = (SAMPLES / "SOURCES.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("|").split(" | ") for line in lines if line.startswith("| ")][2:]
    told = {uid.strip(): [cell.strip() for cell in cells] for uids, *cells in rows for uid in uids.split(",")}
    assert told.keys() >= {source.uid for source in SOURCES}
    assert all(len(cells) == 3 and all(cells) for cells in told.values())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_source_is_at_most_150_lines_and_does_no_io(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    nodes = list(ast.walk(ast.parse(text)))
    imported = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported <= PURE | FORMATS
    assert not any(isinstance(node, ast.Name) and node.id == "open" for node in nodes)


def test_a_url_can_be_set_for_each_source() -> None:
    changed = sources_with_urls({"ocpi": "https://example.org/ocpi/2.2.1/locations"})
    assert [source.url for source in changed if source.uid == "ocpi"] == ["https://example.org/ocpi/2.2.1/locations"]
    assert len(changed) == len(SOURCES)


def test_a_url_for_an_unknown_source_says_which_there_are() -> None:
    with pytest.raises(KeyError, match=r"no source parking; there are .*parkapi"):
        sources_with_urls({"parking": "http://example.org"})


def test_a_source_is_fetched_from_its_own_address_only_where_that_is_asked_for() -> None:
    def url_of(urls: dict[str, str], named: tuple[str, ...] = ()) -> str | None:
        return next(source.url for source in sources_with_urls(urls, named) if source.uid == "pegelonline")

    assert url_of({}) is None
    assert url_of({"pegelonline": "gauges.json"}, ("pegelonline",)) == "gauges.json"
    for own in (url_of({"pegelonline": "live"}), url_of({}, ("pegelonline",))):
        assert str(own).startswith("https://www.pegelonline.wsv.de/")


def test_the_listing_has_a_row_for_each_source() -> None:
    rows = {row.uid: row for row in listing()}
    assert rows.keys() == {source.uid for source in SOURCES}
    assert (rows["ocpi"].tenant, rows["ocpi"].every, rows["ocpi"].url) == ("stadtwerke", "1 min", "to be set")
    assert rows["datex2_parking_static"].every == "1 h"
