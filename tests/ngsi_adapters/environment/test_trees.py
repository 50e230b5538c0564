"""The register of trees."""

from typing import Any

import pytest

from ngsi_adapters.sources.environment.trees import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects, sample

CSV = sample("trees/trees.csv").decode()


def with_tree(**change: Any) -> Any:
    document = parsed("trees/trees.geojson")
    document["features"][0]["properties"] |= change
    return document


def test_a_tree_has_the_sensor_it_names_or_the_nearest_one() -> None:
    oak, lime = entities(SOURCE, parsed("trees/trees.geojson"))
    assert oak["refRecord"]["object"] == ["urn:ngsi-ld:GreenspaceRecord:eui-70b3d57ed0004711"]
    assert lime["refRecord"]["object"] == ["urn:ngsi-ld:GreenspaceRecord:eui-70b3d57ed0001122"]
    assert (oak["trunkCircumference"]["value"], oak["protected"]["value"]) == (2.88, True)


def test_a_sensor_too_far_away_is_not_the_trees() -> None:
    document = parsed("trees/trees.geojson")
    document["features"][2]["geometry"]["coordinates"] = [7.2300, 51.5554]
    assert "refRecord" not in entities(SOURCE, document)[0]


def test_other_cities_names_of_the_same_things_are_understood() -> None:
    berlin: dict[str, Any] = {
        "gisid": "s_1",
        "art_bot": "Carpinus betulus",
        "art_dtsch": "Hainbuche",
        "pflanzjahr": "1975",
    }
    berlin |= {"standalter": 51, "kronedurch": 0, "stammumfg": 115, "baumhoehe": 15}
    hamburg = {"baumid": 4711, "art_latein": "Tilia cordata", "kronendurchmesser": 8, "stammumfang": 94}
    point, points = {"type": "Point", "coordinates": [7.2, 51.5]}, {"type": "MultiPoint", "coordinates": [[7.2, 51.5]]}
    trees = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry, properties in ((point, berlin), (points, hamburg))
    ]
    hornbeam, lime = entities(SOURCE, {"type": "FeatureCollection", "features": trees})
    assert (hornbeam["treeHeight"]["value"], hornbeam["trunkCircumference"]["value"]) == (15, 1.15)
    assert (hornbeam["plantingYear"]["value"], "crownDiameter" in hornbeam) == (1975, False)
    assert (lime["id"], lime["crownDiameter"]["value"]) == ("urn:ngsi-ld:FlowerBed:tree:4711", 8)
    assert lime["taxon"]["value"] == ["Tilia cordata"]


def test_zero_is_unknown() -> None:
    assert "plantingYear" not in entities(SOURCE, parsed("trees/trees.geojson"))[1]


def test_a_table_with_decimal_commas_is_read_in_any_encoding() -> None:
    for encoding in ("utf-8-sig", "cp1252"):
        maple, plane = entities(SOURCE, CSV.encode(encoding))
        assert maple["treeHeight"]["value"] == 12.5
        assert plane["taxon"]["value"] == ["Platanus × hispanica"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pflanzjahr": 19210}, "plantingYear"),
        ({"hoehe_m": -999}, "treeHeight"),
        ({"hoehe_m": "hoch"}, "is not a number"),
        ({"naturdenkmal": "vielleicht"}, "neither ja nor nein"),
        ({"vitalitaet": 7}, "vitality"),
    ],
)
def test_a_wrong_tree_is_rejected_and_the_other_kept(change: dict[str, Any], reason: str) -> None:
    (rejected,) = rejects(SOURCE, with_tree(**change))
    assert rejected.record_id == "B-10471"
    assert reason in rejected.reason
    assert len(entities(SOURCE, with_tree(**change))) == 1


def test_a_sensor_without_a_place_is_rejected_and_the_trees_kept() -> None:
    document = parsed("trees/trees.geojson")
    document["features"][2]["geometry"] = {"type": "Polygon", "coordinates": []}
    assert rejects(SOURCE, document)[0].record_id == "eui-70b3d57ed0004711"
    assert len(entities(SOURCE, document)) == 2


def test_a_line_that_is_cut_off_is_rejected() -> None:
    assert rejects(SOURCE, CSV.rstrip().removesuffix(";").encode()[:-20])[0].record_id == "B-30002"
