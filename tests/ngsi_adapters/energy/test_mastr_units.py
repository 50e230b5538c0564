"""Units of the Marktstammdatenregister, in UTF-16 as its export has them."""

from ngsi_adapters.sources.energy.mastr_units import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

SOLAR = sample("mastr_units/EinheitenSolar.xml")
TEXT = SOLAR.decode("utf-16")


def changed(old: str, new: str) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, 1).encode("utf-16")


def test_only_built_units_of_the_city_are_taken() -> None:
    large, small = entities(SOURCE, SOLAR)
    assert large["id"] == "urn:ngsi-ld:GreenEnergyGenerator:SEE900000000001"
    assert large["maxSolarPowerGenerated"] == {"type": "Property", "value": 214.5, "unitCode": "KWT"}
    assert large["location"]["value"]["coordinates"] == [7.2411, 51.5398]
    assert (small["status"]["value"], "location" in small) == ("outOfService", False)


def test_an_entry_that_was_deactivated_or_deleted_is_passed_over() -> None:
    for status in ("473", "572"):
        payload = changed("<EinheitSystemstatus>472<", f"<EinheitSystemstatus>{status}<")
        assert (len(entities(SOURCE, payload)), rejects(SOURCE, payload)) == (1, [])


def test_wind_and_storage_are_told_as_what_they_are() -> None:
    (wind,) = entities(SOURCE, sample("mastr_units/EinheitenWind.xml"))
    (storage,) = entities(SOURCE, sample("mastr_units/EinheitenStromSpeicher.xml"))
    assert (wind["generationSources"]["value"], wind["maxEolicPowerGenerated"]["value"]) == (["eolic"], 1500)
    assert storage["description"]["value"] == "Stromspeicher, 4.6 kW"


def test_utf_8_and_a_decimal_comma_are_understood() -> None:
    utf_8 = TEXT.replace("utf-16", "utf-8").replace("214.500", "214,5").encode()
    assert entities(SOURCE, utf_8)[0]["maxSolarPowerGenerated"]["value"] == 214.5


def test_a_wrong_unit_is_rejected_and_the_others_are_kept() -> None:
    for payload, reason in ((changed("214.500", "-1"), "not negative"), (changed("214.500", "viel"), "not a number")):
        (rejected,) = rejects(SOURCE, payload)
        assert (rejected.record_id, reason in rejected.reason) == ("SEE900000000001", True)
        assert len(entities(SOURCE, payload)) == 1


def test_a_file_that_is_cut_off_gives_what_came_before() -> None:
    payload = TEXT[: TEXT.index("SEE900000000002")].encode("utf-16")
    assert "not well-formed XML" in rejects(SOURCE, payload)[0].reason
    assert len(entities(SOURCE, payload)) == 1


def test_another_file_of_the_export_is_malformed() -> None:
    (rejected,) = rejects(SOURCE, TEXT.replace("EinheitSolar", "Marktakteur").encode("utf-16"))
    assert rejected.kind == "malformed"
