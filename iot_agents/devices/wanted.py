"""A device as an operator describes it becomes a device as the registry keeps it."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from pydantic import ValidationError

from data_models.base import SmartDataModel, reasons
from data_models.registry import model_of
from data_models.values import URI_PATTERN
from iot_agents.networks.registry import EUI_NETWORKS
from iot_agents.profile import DeviceProfile
from iot_agents.refused import Refused
from iot_agents.registry import Device

DEFAULT_PATTERN = "urn:ngsi-ld:{type}:{tenant}:{key}"
"""How the id of the watched entity is made where none is given; `/` in a key becomes `:`."""

EUI = re.compile(r"[0-9a-f]{16}")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
NETWORK = re.compile(r"[a-z][a-z0-9_-]{0,39}")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


class Wanted(msgspec.Struct, frozen=True):
    """`entity_id` may be left out, or be a pattern with {type}, {tenant}, {network}, {key} and {profile}.

    `latitude` and `longitude` in degrees (WGS 84); `attributes` are what the device does not measure, as key-values of
    the profile's entity type.
    """

    network: str
    key: str
    profile: str
    tenant: str
    name: str = ""
    entity_id: str = ""
    latitude: float | None = None
    longitude: float | None = None
    firmware: str = ""
    attributes: Mapping[str, Any] = {}


def device_from(
    wanted: Wanted, profiles: Mapping[str, DeviceProfile], networks: Collection[str] | None = None
) -> Device:
    """`networks`: the uids of those that are understood, where that is known.

    `Refused` says what is wrong: kinds `no_key`, `unknown_profile`, `no_entity_id`, `wrong_attribute`, …
    """
    if networks is not None and wanted.network not in networks:
        raise Refused("no_network", f"The network {wanted.network!r:.80} is none of {', '.join(sorted(networks))}")
    key = _key(wanted)
    if wanted.profile not in profiles:
        raise Refused("unknown_profile", f"The profile {wanted.profile!r:.80} is none of {', '.join(profiles)}")
    type_name = profiles[wanted.profile].entity_type
    model = model_of(type_name)
    entity: dict[str, Any] = {"id": _entity_id(wanted, key, type_name), "type": type_name}
    location = _location(wanted)
    if location is not None:
        entity["location"] = model.attribute("location", location)
    for name, value in wanted.attributes.items():
        entity[name] = _attribute(model, name, value)
    return Device(
        id=f"{wanted.network}:{key}",
        network=wanted.network,
        key=key,
        tenant=wanted.tenant,
        profile=wanted.profile,
        entity=entity,
        name=wanted.name,
        firmware=wanted.firmware,
    )


def number_of(text: str) -> float:
    """A number as written in Germany or elsewhere: `51,54` or `51.54`; `ValueError` for anything else."""
    stripped = text.strip()
    return float(stripped.replace(",", ".") if DECIMAL_COMMA.fullmatch(stripped) else stripped)


def _key(wanted: Wanted) -> str:
    if not NETWORK.fullmatch(wanted.network):
        raise Refused("no_network", f"{wanted.network!r:.80} is no name of a network: write e.g. chirpstack")
    if wanted.network not in EUI_NETWORKS:
        if not KEY.fullmatch(wanted.key):
            raise Refused("no_key", f"{wanted.key!r:.80} is no device key: letters, digits and . _ : / - are allowed")
        return wanted.key
    eui = re.sub(r"[\s:.-]", "", wanted.key).lower()
    if not EUI.fullmatch(eui):
        raise Refused("no_key", f"The devEui must have 16 hexadecimal digits, but is {wanted.key!r:.80}")
    return eui


def _entity_id(wanted: Wanted, key: str, type_name: str) -> str:
    pattern = wanted.entity_id or DEFAULT_PATTERN
    known = {"type": type_name, "tenant": wanted.tenant, "network": wanted.network, "profile": wanted.profile}
    try:
        made = pattern.format_map(known | {"key": key.replace("/", ":")})
    except (KeyError, ValueError, IndexError, AttributeError):
        allowed = ", ".join(f"{{{name}}}" for name in (*known, "key"))
        raise Refused("no_entity_id", f"The pattern {pattern!r:.120} may name only {allowed}") from None
    if not re.match(URI_PATTERN, made):
        raise Refused("no_entity_id", f"The entity id {made!r:.120} is no URI: write e.g. urn:ngsi-ld:{type_name}:1")
    return made


def _location(wanted: Wanted) -> dict[str, Any] | None:
    longitude, latitude = wanted.longitude, wanted.latitude
    if longitude is None and latitude is None:
        return None
    if longitude is None or latitude is None:
        raise Refused("wrong_location", "Latitude and longitude must both be given")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused("wrong_location", f"{latitude:g}, {longitude:g} is no latitude and longitude in degrees")
    return {"type": "Point", "coordinates": [float(longitude), float(latitude)]}


def _attribute(model: type[SmartDataModel], name: str, value: Any) -> dict[str, Any]:
    """A text from a list is tried as it is, then as number or truth value, then as a list of texts."""
    first = None
    for tried in _readings(value):
        try:
            return model.attribute(name, tried)
        except KeyError:
            raise Refused("unknown_attribute", f"{model.__name__} has no attribute {name!r:.80}") from None
        except ValidationError as error:
            first = first or error
    assert first is not None
    raise Refused("wrong_attribute", f"{reasons(first)}")


def _readings(value: Any) -> list[Any]:
    readings = [value]
    if isinstance(value, str):
        try:
            readings.append(number_of(value))
            readings.append(int(value))
        except ValueError:
            pass
        truths = {"true": True, "ja": True, "yes": True, "false": False, "nein": False, "no": False}
        readings += [truths[value.lower()]] if value.lower() in truths else []
        readings.append([part.strip() for part in value.split("|")])
    return readings
