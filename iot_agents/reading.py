"""An uplink and a device profile make attributes: pure, each field for itself, so that a bad one spoils no other."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from data_models.base import SmartDataModel, attribute_types, reasons
from data_models.registry import model_of
from data_models.values import date_time_text
from iot_agents.fiware.jexl.expression import compiled
from iot_agents.profile import Battery, DeviceProfile, FieldRule, field_value
from iot_agents.refused import Refused
from iot_agents.uplink import Uplink

Attribute = dict[str, Any]

RANGE_ERRORS = frozenset(
    {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "enum", "literal_error", "finite_number"}
)
"""The pydantic error types which mean a value of the right type that cannot be."""

NUMBERS = frozenset({int, float})
LARGEST = 1e300
"""Beyond it there is no measured value, and no float for some integers."""


class Reading(NamedTuple):
    """The good attributes of one uplink, normalized, and what was wrong with the others."""

    attributes: dict[str, Attribute]
    wrong: list[Refused]


def reading_of(uplink: Uplink, profile: DeviceProfile, observed_at: str | None = None) -> Reading:
    """All attributes that the profile finds in the decoded object, observed at the time of the uplink.

    `observed_at` is that time as in NGSI-LD, where it is written already.
    """
    decoded, model, reading = uplink.decoded or {}, model_of(profile.entity_type), Reading({}, [])
    observed_at = observed_at or date_time_text(to_millisecond(uplink.time))
    for rule in profile.attributes:
        try:
            raw = _raw(rule, decoded)
            if raw is None:
                continue
            reading.attributes[rule.attribute] = _attribute(model, rule, raw, observed_at)
        except Refused as wrong:
            reading.wrong.append(wrong)
    if reading.attributes:
        if profile.moments:
            _add_moments(reading, model, profile, decoded, to_millisecond(uplink.time))
    elif not reading.wrong:
        reading.wrong.append(_nothing_known(profile, decoded))
    return reading


def battery_level(battery: Battery, decoded: Mapping[str, Any]) -> float | None:
    """0 (empty) to 1 (full), linear between the profile's voltages; None where the device sent none."""
    volts = field_value(decoded, battery.field)
    if not _is_number(volts):
        return None
    level = float(volts - battery.empty) / (battery.full - battery.empty)
    return round(min(1.0, max(0.0, level)), 3)


def to_millisecond(moment: datetime) -> datetime:
    """Network servers give micro- and nanoseconds that mean nothing."""
    beyond = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - beyond) if beyond else moment


def _attribute(model: type[SmartDataModel], rule: FieldRule, raw: Any, observed_at: str) -> Attribute:
    value = _converted(rule, raw)
    try:
        attribute = model.attribute(rule.attribute, value)
    except ValidationError as error:
        kind = "out_of_range" if error.errors()[0]["type"] in RANGE_ERRORS else "wrong_type"
        raise Refused(kind, f"The field {rule.shown} is {_shown(rule, raw)}, but {reasons(error)}") from None
    attribute["observedAt"] = observed_at
    if rule.unit_code is not None:
        attribute.setdefault("unitCode", rule.unit_code)
    return attribute


def _raw(rule: FieldRule, decoded: Mapping[str, Any]) -> Any:
    """What the device says, None where it says nothing of it."""
    value = field_value(decoded, rule.field) if rule.field else None
    if rule.expression is None:
        return value
    expression = compiled(rule.expression)
    if value is None and (rule.field or not expression.variables & decoded.keys()):
        return None
    try:
        return expression({**decoded, "value": value} if rule.field else decoded)
    except Exception as error:
        reason = (
            f"The expression {rule.expression!r:.200} fails with {decoded!r:.200}: {error!r:.200}: mend the profile"
        )
        raise Refused("wrong_expression", reason) from None


def _converted(rule: FieldRule, raw: Any) -> Any:
    if rule.map is not None:
        return _mapped(rule, raw)
    if rule.scale is None and rule.minimum is None and rule.maximum is None and rule.offset is None:
        return raw
    if not _is_number(raw):
        raise Refused("wrong_type", f"The field {rule.shown} must be a number, but is {raw!r:.80}: mend the codec")
    if (rule.minimum is not None and raw < rule.minimum) or (rule.maximum is not None and raw > rule.maximum):
        allowed = f"{_bound(rule.minimum)} to {_bound(rule.maximum)} {rule.unit}".rstrip()
        raise Refused(
            "out_of_range",
            f"The field {rule.shown} is {_shown(rule, raw)}, allowed is {allowed}: check sensor, codec and profile",
        )
    if rule.scale is None and rule.offset is None:
        return raw
    return round(raw * (1.0 if rule.scale is None else rule.scale) + (rule.offset or 0.0), 6)


def _mapped(rule: FieldRule, raw: Any) -> Any:
    assert rule.map is not None
    for key, value in rule.map.items():
        if key == raw and type(key) is type(raw):
            return value
    allowed = ", ".join(repr(key) for key in rule.map)
    kind = "out_of_range" if type(raw) in {type(key) for key in rule.map} else "wrong_type"
    raise Refused(kind, f"The field {rule.shown} is {raw!r:.80}, allowed is {allowed}: mend codec or profile")


def _add_moments(
    reading: Reading,
    model: type[SmartDataModel],
    profile: DeviceProfile,
    decoded: Mapping[str, Any],
    observed_at: datetime,
) -> None:
    for moment in profile.moments:
        seconds = field_value(decoded, moment.minus) if moment.minus else 0
        if not _is_number(seconds) or not 0 <= seconds <= 86_400 * 366:
            reason = f"The field {moment.minus} must be a number of seconds, but is {seconds!r:.80}"
            reading.wrong.append(Refused("wrong_type", reason))
            continue
        moment_of = observed_at - timedelta(seconds=seconds)
        value = date_time_text(moment_of) if _is_text(model, moment.attribute) else moment_of
        reading.attributes[moment.attribute] = model.attribute(moment.attribute, value, observed_at)


def _is_text(model: type[SmartDataModel], attribute: str) -> bool:
    """Some official schemas have times that are any text."""
    return model.model_fields[attribute_types(model)[attribute].field].annotation in (str, str | None)


def _nothing_known(profile: DeviceProfile, decoded: Mapping[str, Any]) -> Refused:
    expected = ", ".join(rule.shown for rule in profile.attributes)
    return Refused(
        "no_known_field",
        f"The profile {profile.id} expects {expected}, but there came {', '.join(decoded)[:120] or 'nothing'}: "
        "mend the codec, or give the device another profile",
    )


def _is_number(value: Any) -> bool:
    return type(value) in NUMBERS and -LARGEST < value < LARGEST


def _bound(bound: float | None) -> str:
    return "…" if bound is None else f"{bound:g}"


def _shown(rule: FieldRule, raw: Any) -> str:
    return f"{raw!r:.80} {rule.unit}".rstrip()
