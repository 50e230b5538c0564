"""The generated table of conformance: every operation that is offered has tests named after its clause."""

from tests.house.tree import ROOT


def test_no_offered_operation_is_without_a_test() -> None:
    lines = (ROOT / "docs/conformance.md").read_text(encoding="utf-8").splitlines()
    offered = [line for line in lines if "| yes |" in line]
    assert len(offered) > 30
    assert [line for line in offered if "test_" not in line] == []
