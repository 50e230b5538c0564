"""Whether an MQTT broker answers: a connection with CONNECT, CONNACK and DISCONNECT, by hand."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

CONNECT = b"\x10\x12\x00\x04MQTT\x04\x02\x00\x05\x00\x06health"
"""MQTT 3.1.1, 3.1: a clean session of a client named health."""

CONNACK, DISCONNECT = 0x20, b"\xe0\x00"


async def ask_mqtt(url: str) -> None:
    """`ConnectionError` or another `OSError` where the broker at mqtt://host:port does not answer as one.

    Of mqtts:// only the port is asked: this is the process' own broker, whose certificate may be for another name.
    """
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        if address.scheme == "mqtts":
            return
        writer.write(CONNECT)
        answer = await reader.read(4)
        if not answer or answer[0] != CONNACK:
            raise ConnectionError(f"{url} does not answer like an MQTT broker")
        writer.write(DISCONNECT)
        await writer.drain()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
