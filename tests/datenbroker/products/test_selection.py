"""What a selection may be."""

from typing import Any

import pytest
from pydantic import ValidationError

from datenbroker.products.selection import Area, Selection

SQUARE = [[[7.1, 51.5], [7.3, 51.5], [7.3, 51.6], [7.1, 51.6], [7.1, 51.5]]]


@pytest.mark.parametrize(
    "members",
    [
        {"types": ["WasteContainer"]},
        {"types": ["https://example.org/Bin"], "ids": ["urn:ngsi-ld:Bin:1"], "attributes": ["fillingLevel"]},
        {"types": ["A"], "q": 'fillingLevel>0.5;status=="ok"', "scopes": "/Herne/#"},
        {"types": ["A"], "geo": {"type": "Polygon", "coordinates": SQUARE}},
        {"types": ["A"], "geo": {"type": "MultiPolygon", "coordinates": [SQUARE], "geoproperty": "area"}},
        {"types": ["A"], "context": "https://example.org/context.jsonld"},
    ],
)
def test_a_selection_is_the_same_after_being_kept_as_json(members: dict[str, Any]) -> None:
    selection = Selection.model_validate(members)
    kept = Selection.model_validate(selection.model_dump(mode="json"))
    assert kept == selection
    assert hash(kept) == hash(selection)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"types": []}, "types"),
        ({"types": ["A,B"]}, "A,B"),
        ({"types": ["(A;B)"]}, "(A;B)"),
        ({"types": ["https://example.org/A,B"]}, "cannot be asked for"),
        ({"types": ["A"], "attributes": ["a b"]}, "a b"),
        ({"types": ["A"], "ids": ["no uri"]}, "no URI"),
        ({"types": ["A"], "ids": ["urn:a:1,urn:a:2"]}, "comma"),
        ({"types": ["A"], "q": "a=="}, "breaks the grammar"),
        ({"types": ["A"], "q": "refRoad{speed}>50"}, "cannot follow relationships"),
        ({"types": ["A"], "q": "a==1;(b==2|refRoad{speed}>50)"}, "cannot follow relationships"),
        ({"types": ["A"], "scopes": "/Herne/ Wanne"}, "no scope pattern"),
        ({"types": ["A"], "geo": {"type": "Point", "coordinates": [7, 51]}}, "Polygon"),
        ({"types": ["A"], "geo": {"type": "Polygon", "coordinates": [[[7, 51], [8, 51]]]}}, "ring"),
        ({"types": ["A"], "geo": {"type": "Polygon", "coordinates": "7,51"}}, "tuple"),
        ({"types": ["A"], "context": "file:///etc/passwd"}, "no address"),
        ({"types": ["A"], "context": "https://user:word@example.org/c"}, "no address"),
        ({"types": ["A"], "everything": True}, "everything"),
    ],
)
def test_what_is_no_selection_is_refused_with_what_is_wrong(members: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Selection.model_validate(members)
    assert said in str(refused.value)


def test_an_area_is_written_as_a_geo_query() -> None:
    area = Area.model_validate({"type": "Polygon", "coordinates": SQUARE})
    assert area.members == {
        "georel": "within",
        "geometry": "Polygon",
        "coordinates": "[[[7.1,51.5],[7.3,51.5],[7.3,51.6],[7.1,51.6],[7.1,51.5]]]",
        "geoproperty": "location",
    }
