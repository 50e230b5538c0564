"""The one uplink that a device's network server makes of a reading: a pure function of device, reading and time."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from datenbroker.demo.city import DeviceRecord
from datenbroker.demo.uplinks import chirpstack, the_things_stack
from datenbroker.demo.uplinks.payload import encode

NETWORKS = {"chirpstack": chirpstack.uplink, "the_things_stack": the_things_stack.uplink}


def uplink(device: DeviceRecord, reading: Mapping[str, float | bool], at: datetime, f_cnt: int) -> tuple[str, bytes]:
    """The MQTT topic and the message."""
    make = NETWORKS[device["network"]]
    topic, message = make(device, encode(device["profile"], reading), at, f_cnt)
    return topic, orjson.dumps(message)
