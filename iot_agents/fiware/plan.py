"""What becomes of a device's measures: its provisioning and its group's, read once."""

from collections.abc import Iterable, Mapping
from typing import Any

from iot_agents.fiware.jexl.expression import BadExpression, Expression, compiled
from iot_agents.fiware.ngsi import TEXT_TYPES, URN, converter
from iot_agents.fiware.topics import RESERVED_PROTOCOLS, Protocol

Document = Mapping[str, Any]

TIME = "TimeInstant"
DEFAULT_TYPE = "Thing"
LISTS = ("attributes", "lazy", "static_attributes", "commands")


class Rule:
    """One attribute that is provisioned. `static` ones bring their value along."""

    __slots__ = (
        "convert", "entity_name", "entity_type", "expression", "extra", "name", "object_id", "skip", "static", "type",
        "unit_code", "value",
    )  # fmt: skip

    def __init__(self, document: Document, *, static: bool) -> None:
        self.name: str = str(document.get("name") or document["object_id"])
        self.object_id: str = str(document.get("object_id") or self.name)
        self.type: str = str(document.get("type") or "")
        self.convert = converter(self.type)
        self.static, self.value = static, document.get("value") if static else None
        self.skip = document.get("skipValue")
        self.expression = _expression(document.get("expression"))
        self.entity_name = _name_expression(document.get("entity_name"))
        self.entity_type: str | None = document.get("entity_type") or None
        metadata = document.get("metadata") or {}
        self.unit_code = metadata.get("unitCode", {}).get("value")
        self.extra = [
            (name, str(each.get("type") or ""), each.get("value"), _expression(each.get("expression")))
            for name, each in metadata.items()
            if name not in ("unitCode", TIME)
        ]

    @property
    def is_text(self) -> bool:
        return self.type.lower() in TEXT_TYPES and self.expression is None

    @property
    def varies(self) -> bool:
        """Whether it must be looked at with every measure."""
        return not self.static or self.expression is not None or isinstance(self.entity_name, Expression)

    @property
    def computes(self) -> bool:
        names = isinstance(self.entity_name, Expression)
        return names or self.expression is not None or any(expression for *_, expression in self.extra)


class Plan:
    """`introduced` are the entities that have got the static attributes since this plan was made."""

    def __init__(self, device: dict[str, Any], group: Document | None) -> None:
        self.device, self.group = device, group
        upper: Document = group or {}
        self.device_id: str = device["device_id"]
        self.tenant: str = device["service"]
        self.apikey: str = device.get("apikey") or upper.get("apikey") or ""
        self.entity_type: str = device.get("entity_type") or upper.get("entity_type") or DEFAULT_TYPE
        self.entity_name: str = device.get("entity_name") or f"{URN}{self.entity_type}:{self.device_id}"
        self.entity_name_expression = _expression(upper.get("entityNameExp"))
        self.timestamp: bool | None = _first("timestamp", device, upper)
        self.explicit: bool | list[Any] | Expression = _explicit(_first("explicitAttrs", device, upper))
        self.transport: str = _first("transport", device, upper) or ""
        self.endpoint: str = _first("endpoint", device, upper) or ""
        self.commands = {str(each["name"]): each for each in merged("commands", device, upper)}
        static = [Rule(each, static=True) for each in merged("static_attributes", device, upper)]
        active = [Rule(each, static=False) for name in ("lazy", "attributes") for each in merged(name, device, upper)]
        self.rules = (*static, *active)
        self.known = frozenset(rule.object_id for rule in self.rules)
        self.texts = frozenset(rule.object_id for rule in active if rule.is_text)
        self.computes = (
            self.entity_name_expression is not None
            or isinstance(self.explicit, Expression)
            or any(rule.computes for rule in self.rules)
        )
        self.standing: dict[str, Any] = {rule.name: rule.value for rule in static} | {
            "id": self.device_id, "type": self.entity_type, "service": self.tenant,
            "subservice": device["service_path"],
        }  # fmt: skip
        self.introduced: set[str] = set()

    @property
    def protocol(self) -> Protocol | None:
        """As the provisioning says; None where it leaves that open."""
        if self.group and self.group.get("resource") in RESERVED_PROTOCOLS:
            return RESERVED_PROTOCOLS[self.group["resource"]]
        said = str(self.device.get("protocol") or (self.group or {}).get("protocol") or "").lower()
        return "ul" if "ultralight" in said or said.endswith("ul") else "json" if "json" in said else None


def merged(name: str, device: Document, group: Document) -> list[Document]:
    """The device's, then those of the group that the device does not have: by object_id, else by name."""
    own: list[Document] = list(device.get(name) or [])
    keys = {_key(each, name) for each in own}
    return own + [each for each in group.get(name) or [] if _key(each, name) not in keys]


def check(document: Document) -> None:
    """`BadExpression` where a group or device holds an expression that is none."""
    for each in _attributes(document):
        Rule(each, static="value" in each)
    _expression(document.get("entityNameExp"))
    _explicit(document.get("explicitAttrs"))


def _attributes(document: Document) -> Iterable[Document]:
    return (each for name in LISTS if name != "commands" for each in document.get(name) or [])


def _key(document: Document, name: str) -> Any:
    return document.get("name") if name == "static_attributes" else document.get("object_id") or document.get("name")


def _first(name: str, device: Document, group: Document) -> Any:
    return group.get(name) if device.get(name) is None else device[name]


def _expression(source: Any) -> Expression | None:
    return compiled(source) if isinstance(source, str) and source else None


def _name_expression(source: Any) -> Expression | str | None:
    """An entity's name, or an expression for it: what is no expression is a name, e.g. `urn:ngsi-ld:Device:1`."""
    if not isinstance(source, str) or not source:
        return None
    try:
        return compiled(source)
    except BadExpression:
        return source


def _explicit(said: Any) -> bool | list[Any] | Expression:
    if isinstance(said, str):
        return said == "true" if said in ("true", "false", "") else compiled(said)
    return said if isinstance(said, bool | list) else False
