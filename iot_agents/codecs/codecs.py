"""All kinds of codecs behind one door."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from iot_agents.codecs import cayenne_lpp
from iot_agents.codecs.javascript.codec import JavaScriptCodec, JavaScriptCodecs
from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.layout import Layout
from iot_agents.codecs.result import Decoded, Encoded, Failed

CAYENNE_LPP: Literal["cayenne-lpp"] = "cayenne-lpp"

Codec = JavaScriptCodec | Layout | Literal["cayenne-lpp"]


class Codecs:
    """Decodes and encodes payloads; JavaScript runs in worker processes, which start when they are first needed.

    Nothing is raised for what a codec does: it is in the `errors` of the result. `stop` ends the processes.
    """

    def __init__(self, limits: Limits | None = None, workers: int = 1) -> None:
        self._javascript = JavaScriptCodecs(limits, workers)
        self.counters = self._javascript.counters

    async def stop(self) -> None:
        await self._javascript.stop()

    async def decode(
        self, codec: Codec, f_port: int, payload: bytes, received_at: datetime, device: str = ""
    ) -> Decoded:
        """What the bytes of a device say; where its codec runs into limits again and again, it is paused."""
        if isinstance(codec, JavaScriptCodec):
            return await self._javascript.decode(codec, f_port, payload, received_at, device)
        if isinstance(codec, Layout):
            return codec.decode(f_port, payload)
        return cayenne_lpp.decode(f_port, payload)

    async def decode_downlink(self, codec: Codec, f_port: int, payload: bytes, sent_at: datetime) -> Decoded:
        """What a command's bytes say: what `encode` made of them."""
        if isinstance(codec, JavaScriptCodec):
            return await self._javascript.decode_downlink(codec, f_port, payload, sent_at)
        return Decoded(errors=("Only JavaScript codecs decode commands",))

    async def encode(self, codec: Codec, data: Mapping[str, Any], f_port: int) -> Encoded:
        """The bytes of a command; `f_port` is used where the codec names no port."""
        if isinstance(codec, JavaScriptCodec):
            return await self._javascript.encode(codec, data, f_port)
        return Encoded(errors=("Only JavaScript codecs encode commands: give the device one",))


@cache
def bundled_codec(name: str) -> JavaScriptCodec:
    """A JavaScript codec that comes with the device profiles; `Failed` where there is none of that name."""
    folder = files("iot_agents").joinpath("profiles").joinpath("codecs")
    known = sorted(path.name for path in folder.iterdir() if path.name.endswith(".js"))
    if name not in known:
        raise Failed(f"There is no codec {name}: known are {', '.join(known)}")
    return JavaScriptCodec(name, folder.joinpath(name).read_text(encoding="utf-8"))
