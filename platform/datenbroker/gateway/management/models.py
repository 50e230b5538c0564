"""What the devices' API takes and shows."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

BIN: dict[str, Any] = {
    "network": "chirpstack",
    "key": "a84041ffff1865ab",
    "profile": "bin-level",
    "tenant": "entsorgung",
    "name": "Glas Hauptstraße 12",
    "latitude": 51.5386,
    "longitude": 7.2199,
    "attributes": {"cargoWeight": 0.0},
}


class DeviceWanted(BaseModel):
    """A device to be registered."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [BIN]})

    network: str = Field("chirpstack", description="uid of the network, e.g. chirpstack, the_things_stack, thingpark.")
    key: str = Field(max_length=200, description="devEui, or `application/device` at The Things Stack.")
    profile: str = Field(description="Id of the device profile: see /device-profiles.")
    tenant: str | None = Field(None, description="Whose device; none means the caller's own tenant.")
    name: str = Field("", max_length=200)
    entity_id: str = Field("", max_length=500, description="What the device watches; empty: made from type and key.")
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    firmware: str = Field("", max_length=100)
    attributes: dict[str, Any] = Field(
        default_factory=dict, description="What the device does not measure, as key-values of the watched entity."
    )


class DeviceShown(BaseModel):
    """A registered device."""

    id: str = Field(examples=["chirpstack:a84041ffff1865ab"])
    network: str
    key: str
    profile: str = Field(examples=["bin-level"])
    tenant: str = Field(examples=["entsorgung"])
    name: str
    firmware: str
    entity: dict[str, Any] = Field(description="What it watches: normalized NGSI-LD, without what is measured.")
    mirror: str = Field(description="The `Device` entity that shows it in the context broker.")
    imported: str = Field(description="Id of the import that brought it, or empty.")
    last_seen: datetime | None = Field(description="When its network heard it last; none: never.")
    silent: bool = Field(description="Whether it is silent for longer than its profile lets expect.")
    frames: int = Field(description="Messages since it was registered.")


class DevicePage(BaseModel):
    """A part of the devices that were asked for."""

    total: int
    offset: int
    limit: int
    devices: list[DeviceShown]


class GatewaySignal(BaseModel):
    """How a gateway heard the device."""

    id: str
    rssi: float = Field(description="dBm")
    snr: float = Field(description="dB")


class ProblemShown(BaseModel):
    kind: str = Field(examples=["out_of_range"])
    reason: str = Field(examples=["The field fill is 137 %, allowed is 0 to 100 %: check sensor, codec and profile"])


class FrameShown(BaseModel):
    """One message of a device."""

    event: str = Field(description="`up`, or what else the network told: join, status, ack, log, location, …")
    at: datetime = Field(description="When it came here.")
    time: datetime | None = Field(description="When the network heard the device.")
    f_port: int | None
    f_cnt: int | None
    raw: str = Field(description="Payload in hexadecimal digits.")
    decoded: dict[str, Any] | None = Field(description="What the codec made of it.")
    attributes: dict[str, Any] = Field(description="The attributes that came of that.")
    gateways: list[GatewaySignal]
    rejected: list[ProblemShown] = Field(description="Why it, or a field of it, was rejected.")


class CommandRuleShown(BaseModel):
    """A command that a kind of device takes, and the values that it may have."""

    name: str = Field(examples=["dim"], description="The attribute that is the command.")
    title: dict[str, str]
    unit: str
    minimum: float | None
    maximum: float | None
    choices: list[bool | int | float | str] = Field(description="The values that there are, where they can be counted.")
    confirmed: bool = Field(description="Whether the device is asked for an acknowledgement.")


class ProfileShown(BaseModel):
    """A kind of device."""

    id: str = Field(examples=["bin-level"])
    title: dict[str, str]
    entity_type: str = Field(examples=["WasteContainer"])
    controlled_properties: list[str]
    attributes: list[str] = Field(description="The attributes that its devices measure.")
    commands: list[CommandRuleShown] = Field(description="The commands that its devices take.")
    interval_seconds: float = Field(description="A device that is not heard for longer is silent.")


class RejectedLine(BaseModel):
    line: int
    kind: str
    reason: str


class ImportDone(BaseModel):
    """What an import has done, or would do; `id` is empty where it was only tried."""

    id: str
    rows: int
    created: int
    replaced: int
    unchanged: int
    rejected: list[RejectedLine]


class ImportShown(BaseModel):
    id: str
    at: datetime
    file: str
    tenants: list[str]
    created: int
    replaced: int
    rejected: int


class UndoneShown(BaseModel):
    """`kept` devices were changed since, and stay."""

    deleted: int
    restored: int
    kept: int
