"""Makes the parts of the documentation that the code knows best, and with --check says which are out of date.

README.md and docs/*.md hold them between `<!-- generated: NAME -->` and `<!-- end -->`; .env.example is made whole.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path

from context_broker.app import ROUTES
from context_broker.broker import Broker
from context_broker.http.routes import Route
from context_broker.limits import Limits
from data_models import MODELS
from data_models.base import attribute_types
from data_models.generator.context import conflicts, terms
from data_models.schemas import Deviation, deviations, extensions, kinds, schema_types
from datenbroker.identities.roles import MEANING, RIGHTS, Role
from datenbroker.settings import env_example, reference
from iot_agents.networks.registry import NETWORKS
from iot_agents.profile import DeviceProfile, bundled_profiles
from ngsi_adapters import mapping
from ngsi_adapters.registry import SOURCES, listing

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
NOT_OFFERED = "not_offered"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(headings) + " |", "| " + " | ".join("---" for _ in headings) + " |", *lines])


def settings() -> str:
    rows = [(f"`{row.variable}`", f"`{row.option}`", row.default, row.description) for row in reference()]
    return table(("variable", "option", "default", "meaning"), rows)


def sources() -> str:
    told = samples()
    rows = [(f"`{row.uid}`", row.name, row.tenant, row.every, row.licence, told[row.uid]) for row in listing()]
    return table(("source", "what", "tenant", "every", "licence", "sample"), rows)


def samples() -> dict[str, str]:
    """Of each source whether its sample is real, and what it was checked against."""
    lines = (ROOT / "tests/samples/SOURCES.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")][2:]
    return {uid.strip(): f"{real}; {checked}" for uids, _, real, checked in cells for uid in uids.split(",")}


def mappings() -> str:
    """Of each source: its field → attribute → unit."""
    tables = []
    for source in SOURCES:
        lines = [
            (f"`{row.source}`" if row.source else "", f"{row.entity_type}.`{row.attribute}`", row.unit, row.how)
            for row in mapping.rows(source.mapping)
        ]
        terms = f"Licence: {source.licence or 'as agreed'}. Attribution: {source.attribution}."
        head = f"### {source.name} (`{source.uid}`)\n\n{terms}\n\n"
        tables.append(head + table(("source field", "attribute", "unit", "how"), lines))
    return "\n\n".join(tables)


def profiles() -> str:
    rows = [
        (f"`{profile.id}`", profile.title["en"], profile.entity_type, ", ".join(sorted(attributes(profile))))
        for profile in bundled_profiles().values()
    ]
    return table(("profile", "device", "entity type", "attributes"), rows)


def attributes(profile: DeviceProfile) -> set[str]:
    return {rule.attribute for rule in profile.attributes}


def networks() -> str:
    return table(
        ("network server", "MQTT topic"), [(network.name, f"`{network.uplink_topic}`") for network in NETWORKS]
    )


def conformance() -> str:
    """Each operation with its clause, parameters, and the tests that are named after the clause."""
    rows = [
        (
            route.clause,
            f"`{route.method} {route.path.replace('{}', '{…}')}`",
            "501" if route.handler.__name__ == NOT_OFFERED else "yes",
            "" if route.handler.__name__ == NOT_OFFERED else ", ".join(sorted(route.params)),
            "" if route.handler.__name__ == NOT_OFFERED else tests_of(route),
        )
        for route in sorted(ROUTES, key=lambda route: [int(part) for part in route.clause.split(".")])
    ]
    return table(("clause", "operation", "offered", "parameters", "tests"), rows)


def clauses() -> str:
    """The clauses that are no operations, by the tests named after them."""
    files = sorted((ROOT / "tests/conformance").glob("test_[45]_*.py"), key=lambda path: path.stem)
    return table(("tests", "what they assert"), [(f"`{path.name}`", first_line(path)) for path in files])


def tests_of(route: Route[Broker]) -> str:
    """The files named after the clause of the resource (6.x) or of the operation (5.x), or after a range with it."""
    operation = re.search(r"\((5[.\d]+)", route.handler.__doc__ or "")
    clauses = [route.clause, *([operation.group(1)] if operation else [])]
    files = sorted((ROOT / "tests/conformance").glob("test_[56]_*.py"), key=lambda path: path.stem)
    return ", ".join(f"`{path.name}`" for path in files if any(covers(path.stem, clause) for clause in clauses))


def covers(stem: str, clause: str) -> bool:
    """Whether `test_6_14_to_6_17_and_6_31_batches` is about 6.17.3.1: by as many numbers as its parts have."""
    named = re.match(r"test_([\d_]*(?:(?:to|and)_[\d_]+)*)", stem)
    for part in named.group(1).split("and_") if named else []:
        low, _, high = part.partition("to_")
        first, last = numbers(low), numbers(high or low)
        if first <= numbers(clause.replace(".", "_"))[: len(first)] <= last:
            return True
    return False


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.strip("_").split("_")]


def first_line(path: Path) -> str:
    match = re.match(r'"""(.*?)(?:"""|\n)', path.read_text(encoding="utf-8"))
    return match.group(1).strip() if match else ""


def limits() -> str:
    rows = []
    modules = ("platform/ngsi_ld/bounds.py", "platform/context_broker/limits.py")
    text = "".join((ROOT / module).read_text(encoding="utf-8") for module in modules)
    for field in fields(Limits):
        match = re.search(rf"^    {field.name}: .*?\n    \"\"\"(.*?)\"\"\"", text, re.DOTALL | re.MULTILINE)
        largest = str(field.metadata.get("most", ""))
        rows.append((f"`{field.name}`", str(field.default), largest, " ".join(match.group(1).split()) if match else ""))
    return table(("limit", "default", "largest", "meaning"), rows)


def rights() -> str:
    """Each right, and which roles have it."""
    rows = [(meaning, *("yes" if right in RIGHTS[role] else "" for role in Role)) for right, meaning in MEANING.items()]
    return table(("may", *Role), rows)


def models() -> str:
    """Every entity type, and who makes entities of it."""
    subjects = {name: subject for subject, name in schema_types()}
    makers: dict[str, list[str]] = {name: [] for name in subjects}
    for source in SOURCES:
        for name in {mapped.model.__name__ for mapped in source.mapping}:
            makers[name].append(f"source `{source.uid}`")
    for profile in bundled_profiles().values():
        makers[profile.entity_type].append(f"profile `{profile.id}`")
    rows = [
        (f"`{name}`", subjects[name], terms()[name], str(len(attribute_types(model))), ", ".join(makers[name]))
        for name, model in ((model.__name__, model) for model in MODELS)
    ]
    return table(("type", "subject", "IRI", "attributes", "made by"), rows)


def deviating() -> str:
    rows = [(f"`{each.type}.{each.attribute}`", overruled(each), each.reason) for each in deviations()]
    return table(("attribute", "here", "why"), rows)


def overruled(deviation: Deviation) -> str:
    said = [f"{word} {json.dumps(value)}" for word, value in (deviation.replace or {}).items()]
    also = [f"also {', '.join(deviation.words)}"] if deviation.words else []
    return ", ".join([*(f"no {word}" for word in deviation.drop), *said, *also])


def extended() -> str:
    rows = [(each.kind, f"`{each.type}`", each.told_by, each.why) for each in kinds()]
    added = [
        (f"`{name}.{attribute}`", str(schema["description"]).partition(". ")[2])
        for name, members in extensions().items()
        for attribute, schema in members.items()
    ]
    return f"{table(('thing', 'type', 'told by', 'why'), rows)}\n\n{table(('added attribute', 'what'), added)}"


def contradicting() -> str:
    rows = [(f"`{each.term}`", each.subject, ", ".join(each.others), each.why) for each in conflicts()]
    return table(("term", "IRI of", "not of", "decided by"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "sources": sources,
    "mappings": mappings,
    "profiles": profiles,
    "networks": networks,
    "conformance": conformance,
    "clauses": clauses,
    "limits": limits,
    "models": models,
    "deviations": deviating,
    "extensions": extended,
    "conflicts": contradicting,
    "rights": rights,
}


def filled(text: str) -> str:
    return BLOCK.sub(lambda match: f"{match.group(1)}{PARTS[match.group(2)]()}\n{match.group(3)}", text)


def main() -> int:
    wanted = {ROOT / ".env.example": env_example()}
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        wanted[path] = filled(path.read_text(encoding="utf-8"))
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: make docs\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
