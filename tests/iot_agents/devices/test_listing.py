"""Device lists as operators write them."""

import io

import pytest
from openpyxl import Workbook

from iot_agents.devices.listing import UnreadableList, csv_of, lines_of, wanted_from
from iot_agents.devices.wanted import device_from
from iot_agents.profile import bundled_profiles
from iot_agents.refused import Refused
from iot_agents.registry import Device

TENANTS = {"entsorgung-herne": "entsorgung"}
GERMAN = """DevEUI;Profil;Organisation;Bezeichnung;Breite;Länge;cargoWeight
A8-40-41-FF-FF-18-65-AB;bin-level;entsorgung-herne;Glas Hauptstraße;51,5386;7,2199;12,5
"""


def devices(content: bytes, name: str = "list.csv", **given: str) -> list[Device]:
    wanted = (wanted_from(line.cells, given, TENANTS) for line in lines_of(content, name))
    return [device_from(one, bundled_profiles()) for one in wanted]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_german_list_in_any_encoding(encoding: str) -> None:
    (device,) = devices(GERMAN.encode(encoding))
    assert (device.id, device.tenant, device.name) == ("chirpstack:a84041ffff1865ab", "entsorgung", "Glas Hauptstraße")
    assert device.entity_id == "urn:ngsi-ld:WasteContainer:entsorgung:a84041ffff1865ab"
    assert device.entity["location"]["value"]["coordinates"] == [7.2199, 51.5386]
    assert device.entity["cargoWeight"]["value"] == 12.5


def test_excel_and_yaml_say_the_same_as_csv() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["dev_eui", "profile", "organisation", "name", "lat", "lon", "cargoWeight"])
    book.active.append(["a84041ffff1865ab", "bin-level", "entsorgung-herne", "Glas Hauptstraße", 51.5386, 7.2199, 12.5])
    written = io.BytesIO()
    book.save(written)
    yaml = """
- {dev_eui: a84041ffff1865ab, profile: bin-level, organisation: entsorgung-herne, name: Glas Hauptstraße,
   lat: 51.5386, lon: 7.2199, attributes: {cargoWeight: 12.5}}
"""
    expected = devices(GERMAN.encode())
    assert devices(written.getvalue(), "list.xlsx") == devices(yaml.encode(), "list.yaml") == expected


def test_what_is_exported_is_read_back_as_it_was() -> None:
    before = devices(GERMAN.encode(), entity_id="urn:ngsi-ld:{type}:{profile}-{key}")
    assert before[0].entity_id == "urn:ngsi-ld:WasteContainer:bin-level-a84041ffff1865ab"
    assert devices(csv_of(before).encode()) == before


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("2.0E+15;bin-level;;;", "no_key"),
        (";bin-level;;;", "missing"),
        ("a84041ffff1865ab;toaster;;;", "unknown_profile"),
        ("a84041ffff1865ab;bin-level;91;7;", "wrong_location"),
        ("a84041ffff1865ab;bin-level;51,5;;", "wrong_location"),
        ("a84041ffff1865ab;bin-level;north;7;", "wrong_location"),
        ("a84041ffff1865ab;bin-level;;;heavy", "wrong_attribute"),
    ],
)
def test_a_row_that_is_no_device_says_why(row: str, kind: str) -> None:
    text = f"eui;profile;lat;lon;cargoWeight\n{row}\n"
    with pytest.raises(Refused) as refused:
        devices(text.encode(), tenant="entsorgung")
    assert refused.value.kind == kind


def test_an_unknown_column_organisation_tenant_and_pattern_are_refused() -> None:
    for column, cell, kind in (
        ("colour", "red", "unknown_attribute"),
        ("organisation", "nobody", "unknown_organisation"),
        ("tenant", "nobody", "unknown_tenant"),
        ("entity_id", "{key.__class__.__mro__}{0}", "no_entity_id"),
        ("entity_id", "no uri", "no_entity_id"),
        ("network", "Chirp Stack", "no_network"),
    ):
        with pytest.raises(Refused) as refused:
            devices(f"eui,profile,{column}\na84041ffff1865ab,bin-level,{cell}\n".encode(), tenant="entsorgung")
        assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a.csv"), (b"a;b\n1;2", "a.csv"), (b"eui;dev_eui\n", "a.csv"), (b"PK", "a.xlsx"), (b"{", "a.yaml"),
     (b"a: 1", "a.yaml"), (b"", "a.pdf")],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_as_a_whole(content: bytes, name: str) -> None:
    with pytest.raises(UnreadableList):
        lines_of(content, name)
