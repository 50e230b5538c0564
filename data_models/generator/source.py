"""Python source of one subject's module, of the registry and of the package's `__init__`."""

import keyword
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from data_models.base import SmartDataModel
from data_models.commons import Commons, Located, PhysicalObject
from data_models.generator.expressions import KIND, Names, attribute_expression, capital, description_of
from data_models.generator.schemas import Schema, TypeSchema

WRITTEN_BY = "Written by `python -m data_models.generator` from the official schemas: change those or the generator."
VEHICLES = ("BikeHireDockingStation", "EVChargingStation", "FleetVehicle", "FleetVehicleStatus", "Vehicle")
SPLIT = {name: "TransportationVehicles" for name in VEHICLES} | {"CityWork": "TransportationWorks"}
"""Type → module, where that is not the one of its subject."""
NO_BREAK = "\0"
BASES: dict[str, type[SmartDataModel]] = {"Commons": Commons, "Located": Located, "PhysicalObject": PhysicalObject}
REQUIRED_OF_BASE = {"location": "GeoProperty", "address": "PostalAddress", "name": "str"}
IMPORTABLE = {
    "data_models.base": ["SmartDataModel"],
    "data_models.commons": [
        *["Commons", "ContactPoint", "Located", "MunicipalityInfo", "OpeningHours", "PhysicalObject", "PostalAddress"]
    ],
    "data_models.values": [
        *["Boolean", "Count", "Date", "DateTime", "Distinct", "Geometry", "GeoProperty", "Integer", "JsonObject"],
        *["NonEmpty", "NonNegative", "Number", "Relationship", "Share", "Structure", "Unique", "Uri"],
    ],
    "pydantic": ["Field"],
    "typing": ["Annotated", "Any", "Literal"],
}


def module_name(described: TypeSchema) -> str:
    """GreenEnergy → green_energy, DCAT-AP → dcat_ap; the largest subject is split in two."""
    subject = SPLIT.get(described.name, described.subject)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", subject).replace("-", "_").lower()


def subject_module(types: Sequence[TypeSchema]) -> str:
    """The module with one class a type, and the structures that they need before them."""
    subject = types[0].subject
    names = Names(name for described in types for name in described.attributes)
    classes = [_entity_class(described, names) for described in types]
    structures = [_structure_class(name, members) for name, members in names.structures.items()]
    literals = [_value_list(name, literal) for name, literal in names.literals.items()]
    compact = ["\n".join(["# fmt: off", *literals, "# fmt: on"])] if literals else []
    body = "\n\n\n".join([*structures, *classes])
    title = _filled(f"{subject}: {', '.join(described.name for described in types)}.")
    imports = "\n".join(_imports("\n".join([*literals, body])))
    return "\n\n".join([f'"""{title}\n\n{WRITTEN_BY}\n"""', imports, *compact]) + f"\n\n\n{body}\n"


def registry_module(types: Iterable[TypeSchema]) -> str:
    ordered = sorted(types, key=lambda described: described.name)
    return "\n".join(
        [
            f'"""All types in one tuple.\n\n{WRITTEN_BY}\n"""',
            "",
            "from data_models.base import SmartDataModel",
            *_subject_imports(ordered),
            "",
            "MODELS: tuple[type[SmartDataModel], ...] = (",
            *[f"    {described.name}," for described in ordered],
            ")",
            "_BY_NAME = {model.__name__: model for model in MODELS}",
            "",
            "",
            "def model_of(type_name: str) -> type[SmartDataModel]:",
            '    """The model of an entity type by its short name; `KeyError` where there is none."""',
            "    return _BY_NAME[type_name]",
            "",
        ]
    )


def package_module(types: Iterable[TypeSchema]) -> str:
    ordered = sorted(types, key=lambda described: described.name)
    classes = sorted([*(described.name for described in ordered), "Point", "SmartDataModel"])
    return "\n".join(
        [
            f'"""Smart Data Models as typed Python: they write and read themselves as NGSI-LD.\n\n{WRITTEN_BY}\n"""',
            "",
            "from data_models.base import SmartDataModel",
            "from data_models.registry import MODELS, model_of",
            *_subject_imports(ordered),
            "from data_models.values import Point",
            "",
            "__all__ = [",
            *[f'    "{name}",' for name in ("MODELS", *classes, "model_of")],
            "]",
            "",
        ]
    )


def _subject_imports(types: Sequence[TypeSchema]) -> list[str]:
    modules = sorted({module_name(described) for described in types})
    return [
        f"from data_models.subjects.{module} import "
        + ", ".join(sorted((described.name for described in types if module_name(described) == module), key=str.lower))
        for module in modules
    ]


def _entity_class(described: TypeSchema, names: Names) -> str:
    names.owner = described.name
    bases = ", ".join(described.bases) or "SmartDataModel"
    lines = [f"class {described.name}({bases}):", *_docstring(_sentence(described.description)), ""]
    lines.append(f'    type: Literal["{described.name}"] = "{described.name}"')
    lines += _inherited_required(described)
    inherited = {name for base in described.bases for name in BASES[base].model_fields}
    homeless = set(described.required) - described.attributes.keys() - inherited - {"id", "type"}
    if homeless:
        raise ValueError(f"{described.name} requires {sorted(homeless)}, which none of its definitions describe")
    for name, schema in described.attributes.items():
        lines += _attribute(described, name, schema, names)
    if described.extensions:
        lines += ["", "    # Added by this project: the official type has no such attribute."]
    for name, schema in described.extensions.items():
        lines += _attribute(described, name, schema, names)
    return "\n".join(lines)


def _inherited_required(described: TypeSchema) -> Iterator[str]:
    """Attributes of a base that are required here are declared again, without a default."""
    for base in described.bases:
        for name in BASES[base].model_fields:
            if name in described.required and name not in described.attributes and name not in ("id", "type"):
                yield f"    {name}: {REQUIRED_OF_BASE[name]}"


def _attribute(described: TypeSchema, name: str, schema: Schema, names: Names) -> Iterator[str]:
    field, expression = _field_name(name), attribute_expression(schema, capital(name), names)
    alias = f'alias="{name}"' if field != name else ""
    required = name in described.required
    default = "" if required else "None"
    if alias:
        default = f"Field({alias})" if required else f"Field(default=None, {alias})"
    yield f"    {field}: {expression if required else f'{expression} | None'}{f' = {default}' if default else ''}"
    sentence = _sentence(description_of(schema))
    if sentence:
        yield from _docstring(sentence)


def _value_list(name: str, literal: str) -> str:
    if len(name) + len(literal) <= 115:
        return f"{name} = {literal}"
    values = literal.removeprefix("Literal[").removesuffix("]")
    # an item may hold blanks: only those between items may break
    glued = re.sub(r"(?<!,) ", NO_BREAK, values)
    lines = textwrap.wrap(glued, 110, break_long_words=False, break_on_hyphens=False)
    return f"{name} = Literal[\n" + "\n".join(f"    {line}" for line in lines).replace(NO_BREAK, " ") + ",\n]"


def _structure_class(name: str, members: dict[str, str]) -> str:
    lines = [f"class {name}(Structure):"]
    for member, expression in members.items():
        field, default = _field_name(member), "None" if expression.endswith(" | None") else ""
        if field != member:
            default = f'Field({"default=None, " if default else ""}alias="{member}")'
        lines.append(f"    {field}: {expression}{f' = {default}' if default else ''}")
    return "\n".join(lines)


def _imports(body: str) -> Iterator[str]:
    used = {
        module: [name for name in sorted(names, key=str.lower) if re.search(rf"(?<![\w.\"]){name}(?![\w\"=])", body)]
        for module, names in IMPORTABLE.items()
    }
    if "re.compile(" in body:
        yield "import re"
    for group in (["typing"], ["pydantic"], ["data_models.base", "data_models.commons", "data_models.values"]):
        lines = [f"from {module} import {', '.join(used[module])}" for module in group if used[module]]
        if lines:
            yield from ([""] if group != ["typing"] else []) + lines


def _field_name(name: str) -> str:
    plain = re.sub(r"\W+", "_", name).strip("_")
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _sentence(description: str) -> str:
    """The first sentence, without what the schema or the type says already."""
    text = KIND.sub("", description)
    text = re.sub(r"\s*(Model|Enum|Units):\s?'[^']*'\.?", "", text)
    text = re.sub(r"\s*Model:\s?'\S+", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\s+", " ", text).replace("\\", "").replace('"', "'").strip(" .-")
    sentence = re.split(r"(?<!e\.g)(?<!i\.e)(?<=[a-z0-9)`*])\. ", text)[0].strip(" .")
    return textwrap.shorten(sentence[:1].upper() + sentence[1:], 108, placeholder=" …") + "." if sentence else ""


def _docstring(sentence: str) -> list[str]:
    return [f'    """{sentence}"""'] if sentence else []


def _filled(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 110))
