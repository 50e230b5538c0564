"""A measure and a device's plan make entities: pure, each attribute for itself, so that a bad one spoils no other."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from iot_agents.fiware.jexl.expression import Expression
from iot_agents.fiware.jexl.values import iso_text, text
from iot_agents.fiware.ngsi import Attribute, attribute, entity_id
from iot_agents.fiware.plan import TIME, Plan, Rule
from iot_agents.refused import Refused

RESERVED = ("id", "type")

NAME = re.compile(r"[^\W_][\w:.-]*")
"""What an attribute may be called that nobody provisioned: with another, a broker refuses the whole entity."""

Entity = dict[str, Any]
Context = dict[str, Any]


class Mapped(NamedTuple):
    """`entities` with the main one's id `main`, when they were observed, and what was wrong with the rest."""

    main: str
    entities: list[Entity]
    observed_at: datetime
    wrong: list[Refused]


def entities_of(plan: Plan, measure: Mapping[str, Any], arrival: datetime) -> Mapped:
    """All attributes that the plan makes of the measure, observed at its `TimeInstant`, else at `arrival`."""
    values = dict(measure)
    for name in RESERVED:
        if name in values:
            values[f"measure_{name}"] = values.pop(name)
    return _Measurement(plan, values, arrival).mapped()


class _Measurement:
    """One measure on its way."""

    __slots__ = ("_arrival", "_context", "_made", "_main", "_name", "_plan", "_time", "_values", "_wrong")

    def __init__(self, plan: Plan, values: dict[str, Any], arrival: datetime) -> None:
        self._plan, self._values, self._arrival = plan, values, arrival
        self._context: Context = values | plan.standing if plan.computes else {}
        self._name = plan.entity_name
        if plan.entity_name_expression is not None:
            self._name = _name(plan.entity_name_expression(self._context)) or plan.entity_name
        self._context["entity_name"] = self._name
        self._main = (entity_id(self._name, plan.entity_type), plan.entity_type)
        self._made: dict[tuple[str, str], dict[str, tuple[Rule, Attribute]]] = {}
        self._wrong: list[Refused] = []
        self._time: Any = values.pop(TIME, None)

    def mapped(self) -> Mapped:
        plan = self._plan
        main, _ = self._main
        known = main in plan.introduced
        for rule in plan.rules:
            if rule.varies or not known:
                self._apply(rule)
        moment, observed = self._observed()
        explicit = self._explicit()
        entities: dict[tuple[str, str], Entity] = {}
        for place, attributes in self._made.items():
            chosen = {name: made for name, (rule, made) in attributes.items() if _is_chosen(rule, explicit)}
            if chosen:
                entities[place] = {"id": place[0], "type": place[1], **chosen}
        if explicit is False:
            self._add_rest(entities.setdefault(self._main, {"id": main, "type": plan.entity_type}))
        for entity in entities.values():
            for name, made in entity.items():
                if observed and name not in RESERVED:
                    made["observedAt"] = observed
        return Mapped(main, [each for each in entities.values() if len(each) > 2], moment, self._wrong)

    def _apply(self, rule: Rule) -> None:
        value = rule.value if rule.static else self._values.get(rule.object_id)
        if self._plan.computes:
            value = self._computed(rule, value)
        if rule.name == TIME:
            self._time = value if value is not None else self._time
        elif value is not None and (value != rule.skip or rule.skip is None) and rule.name not in RESERVED:
            self._make(rule, value)

    def _computed(self, rule: Rule, value: Any) -> Any:
        """Where an expression lacks one of its variables, the measured value stands for itself."""
        context = self._context
        context[rule.name] = value
        if rule.expression is not None:
            result = rule.expression(context)
            missing = any(context.get(name) is None for name in rule.expression.variables)
            value = value if result is None and missing else result
            context[rule.name] = value
        return value

    def _make(self, rule: Rule, value: Any) -> None:
        try:
            made = rule.convert(value)
            for name, kind, known, expression in rule.extra:
                detail = known if expression is None else expression(self._context)
                if detail is not None:
                    made[name] = attribute(kind, detail)
        except Refused as refused:
            self._wrong.append(Refused(refused.kind, f"{rule.object_id}: {refused.reason}"))
            return
        if rule.unit_code is not None:
            made["unitCode"] = rule.unit_code
        self._made.setdefault(self._place(rule), {})[rule.name] = (rule, made)

    def _place(self, rule: Rule) -> tuple[str, str]:
        if rule.entity_name is None and rule.entity_type is None:
            return self._main
        entity_type = rule.entity_type or self._plan.entity_type
        name: Any = rule.entity_name
        if isinstance(name, Expression):
            name = _name(name(self._context)) or name.source
        return entity_id(name or self._name, entity_type), entity_type

    def _observed(self) -> tuple[datetime, str | None]:
        """A `TimeInstant` that is none gives way to the time of arrival, and is told."""
        if self._time is None:
            shown = None if self._plan.timestamp is False else iso_text(self._arrival)
            return self._arrival, shown
        moment = time_of(self._time)
        if moment is None:
            self._wrong.append(
                Refused("bad_timestamp", f"{TIME} is {self._time!r:.80}: send ISO 8601; the time of arrival stands")
            )
            moment = self._arrival
        return moment, iso_text(moment)

    def _explicit(self) -> Any:
        explicit = self._plan.explicit
        if isinstance(explicit, Expression):
            explicit = explicit(self._context)
        return explicit if isinstance(explicit, bool | list) else False

    def _add_rest(self, entity: Entity) -> None:
        """What nobody provisioned keeps its name and its value."""
        for name, value in self._values.items():
            if name in self._plan.known or value is None:
                continue
            if NAME.fullmatch(name):
                entity.setdefault(name, {"type": "Property", "value": value})
            else:
                self._wrong.append(Refused("bad_name", f"{name!r:.80} is no name of an attribute: provision another"))


def context_name(plan: Plan) -> str | None:
    """The entity's name as far as it can be told before the first measure."""
    if plan.entity_name_expression is None:
        return None
    return _name(plan.entity_name_expression(plan.standing))


def time_of(value: Any) -> datetime | None:
    """ISO 8601, extended or basic (20261122T100000Z), in UTC where it says nothing else; else None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_chosen(rule: Rule, explicit: Any) -> bool:
    """By attribute name, or by `{object_id: …}`."""
    if isinstance(explicit, bool):
        return True
    return rule.name in explicit or {"object_id": rule.object_id} in explicit


def _name(value: Any) -> str | None:
    return text(value) or None if isinstance(value, str | int | float) else None
