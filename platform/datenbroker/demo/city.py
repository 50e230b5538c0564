"""Who and what is in the demo city: the organisations, and some 300 devices as the agents' registry keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from data_models.registry import model_of
from datenbroker.demo.chance import between, number
from datenbroker.demo.curves.energy import metering_started, peak_power
from datenbroker.demo.places import DISTRICTS, STREETS, WATERS, Place

DeviceRecord = dict[str, Any]
"""`{"_id", "network", "key", "tenant", "profile", "entity", "name"}`, see `iot_agents.registry`."""

TTS_TENANT = "ttn"
PARKING_PROVIDER = "herne-demo"
"""As whom ParkAPI gives the city's car parks and streets."""


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """One of the Konzern Stadt; `tenant` is its name in the context broker."""

    id: str
    tenant: str
    name: str


ORGANISATIONS = (
    DemoOrganisation("stadt-herne", "stadt_herne", "Stadt Herne"),
    DemoOrganisation("stadtwerke-herne", "stadtwerke", "Stadtwerke Herne"),
    DemoOrganisation("entsorgung-herne", "entsorgung", "entsorgung herne"),
    DemoOrganisation("hcr", "hcr", "HCR Straßenbahn Herne–Castrop-Rauxel"),
    DemoOrganisation("hgw", "hgw", "Herner Gesellschaft für Wohnungsbau"),
    DemoOrganisation("herne-digital", "herne_digital", "Herne.Digital"),
)

ORGANISATION_OF = {organisation.tenant: organisation for organisation in ORGANISATIONS}


@dataclass(frozen=True, slots=True)
class Kind:
    """So many devices of one profile; `owners` take turns; `application` names it in the network servers."""

    profile: str
    entity_type: str
    count: int
    owners: tuple[str, ...]
    application: str
    label: str


KINDS = (
    Kind("parking-bay", "ParkingSpot", 84, ("stadt_herne",), "parken", "Stellplatz"),
    Kind("bin-level", "WasteContainer", 72, ("entsorgung",), "abfall", "Papierkorb"),
    Kind("air-quality", "AirQualityObserved", 8, ("stadt_herne",), "luft", "Luftmessstation"),
    Kind("noise", "NoiseLevelObserved", 8, ("stadt_herne",), "laerm", "Lärmmessstation"),
    Kind("soil-moisture", "GreenspaceRecord", 42, ("stadt_herne",), "baeume", "Straßenbaum"),
    Kind("water-level", "WaterObserved", 6, ("stadt_herne",), "pegel", "Pegel"),
    Kind("heat-meter", "SmartMeteringObservation", 22, ("stadtwerke", "hgw"), "waerme", "Wärmezähler"),
    Kind(
        "electricity-meter",
        "SmartMeteringObservation",
        34,
        ("stadtwerke", "hgw", "stadtwerke", "hcr", "stadtwerke", "herne_digital"),
        "strom",
        "Stromzähler",
    ),
    Kind("pv-plant", "PhotovoltaicMeasurement", 24, ("stadtwerke", "hgw", "stadtwerke", "hcr"), "photovoltaik", "PV"),
)

KIND_OF_PROFILE = {kind.profile: kind for kind in KINDS}

BAYS_A_STREET = 7
TREES = ("Winterlinde", "Spitzahorn", "Platane", "Roteiche", "Hainbuche", "Baumhasel", "Ginkgo", "Amberbaum")
WASTE = ("other", "other", "paper", "glass", "plastic", "organic")


@lru_cache(maxsize=1)
def devices() -> tuple[DeviceRecord, ...]:
    """All of them, the same on every machine. Not to be changed in place."""
    return tuple(device for index, kind in enumerate(KINDS) for device in _devices_of(index, kind))


def kind_of(device: DeviceRecord) -> Kind:
    return KIND_OF_PROFILE[device["profile"]]


def _devices_of(index: int, kind: Kind) -> Iterator[DeviceRecord]:
    for count in range(kind.count):
        yield _device(kind, count, f"02484e45{index + 1:02x}{count + 1:06x}")


def _device(kind: Kind, count: int, dev_eui: str) -> DeviceRecord:
    """Every third is on The Things Stack, the others on ChirpStack."""
    place = _place(kind, count)
    tts = count % 3 == 2
    key = f"herne-{kind.application}/{kind.profile}-{count + 1:03d}" if tts else dev_eui
    network = "the_things_stack" if tts else "chirpstack"
    uid = f"{network}:{key}"
    return {
        "_id": uid,
        "network": network,
        "key": key,
        "tenant": kind.owners[count % len(kind.owners)],
        "profile": kind.profile,
        "entity": _entity(kind, count, place, uid),
        "name": f"{kind.label} {place.name} {count + 1}",
    }


def _place(kind: Kind, count: int) -> Place:
    """Every kind goes through the districts in turn, so that each has its share."""
    if kind.profile == "water-level":
        return WATERS[count % len(WATERS)]
    turn = count // BAYS_A_STREET if kind.profile == "parking-bay" else count
    districts = tuple(DISTRICTS)
    here = [place for place in STREETS if place.district == districts[turn % len(districts)]]
    if kind.profile in ("air-quality", "noise"):
        here.sort(key=lambda place: -place.traffic)
    return here[turn // len(districts) % len(here)]


def _entity(kind: Kind, count: int, place: Place, uid: str) -> dict[str, Any]:
    """What the device watches, with everything that it does not measure."""
    model = model_of(kind.entity_type)
    slug = f"herne-{kind.profile}-{place.slug}-{count + 1:03d}"
    values = {
        "name": f"{kind.label} {place.name} {count + 1}",
        "location": _point(kind, count, place),
        "address": _address(place),
        "dataProvider": ORGANISATION_OF[kind.owners[count % len(kind.owners)]].name,
        **_particulars(kind.profile, count, place, uid),
    }
    attributes = {name: model.attribute(name, value) for name, value in values.items()}
    if "nominalPeakPowerGeneration" in attributes:
        attributes["nominalPeakPowerGeneration"]["unitCode"] = "KWT"
    return {"id": f"urn:ngsi-ld:{kind.entity_type}:{slug}", "type": kind.entity_type, **attributes}


def _point(kind: Kind, count: int, place: Place) -> dict[str, Any]:
    """Bays lie in a row, six metres each; everything else somewhere within 120 m of the place."""
    if kind.profile == "parking-bay":
        north, east = 12.0, 6.0 * (count % BAYS_A_STREET) - 18
    else:
        reach = 8 if kind.profile == "water-level" else 120
        north, east = (between(-reach, reach, kind.profile, axis, count) for axis in ("north", "east"))
    latitude, longitude = place.shifted(north, east)
    return {"type": "Point", "coordinates": [longitude, latitude]}


def _address(place: Place) -> dict[str, str]:
    return {
        "streetAddress": place.name,
        "postalCode": place.postal_code,
        "addressLocality": "Herne",
        "district": place.district,
        "addressRegion": "Nordrhein-Westfalen",
        "addressCountry": "DE",
    }


def _particulars(profile: str, count: int, place: Place, uid: str) -> dict[str, Any]:
    """The static attributes of a kind, first of all those that its schema requires."""
    match profile:
        case "parking-bay":
            site = f"urn:ngsi-ld:OnStreetParking:{PARKING_PROVIDER}:{place.slug}"
            return {"category": ["onStreet"], "refParkingSite": site}
        case "bin-level":
            return {
                "category": ["underground" if count % 6 == 3 else "fixed"],
                "storedWasteKind": WASTE[number(uid, "waste") % len(WASTE)],
                "storedWasteOrigin": "municipal",
                "serialNumber": f"EH-{2020 + count % 6}-{count + 1:04d}",
            }
        case "noise":
            return {"sonometerClass": "1"}
        case "air-quality":
            return {"typeofLocation": "outdoor"}
        case "soil-moisture":
            return {"description": f"{TREES[number(uid, 'tree') % len(TREES)]}, Sonde in 30 cm Tiefe"}
        case "heat-meter" | "electricity-meter":
            return {"meterType": "Heat" if profile == "heat-meter" else "Electricity"}
        case "pv-plant":
            return {
                "refPhotovoltaicDevice": f"urn:ngsi-ld:PhotovoltaicDevice:herne-{place.slug}-{count + 1:03d}",
                "dateEnergyMeteringStarted": metering_started(uid),
                "nominalPeakPowerGeneration": peak_power(uid),
            }
    return {}
