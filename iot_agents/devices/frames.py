"""What each device sent last, and what became of it: a ring of frames a device, written in batches."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from document_store.store import Document, DocumentStore
from iot_agents.uplink import Gateway

logger = logging.getLogger(__name__)

FRAMES, STATES = "device_frames", "device_states"
KEPT = 100
"""Frames of a device that can be asked for."""
CHUNK = 10
"""Frames in one document: a frame rewrites at most this many."""
CHUNKS = KEPT // CHUNK + 1
"""One more than needed, since the newest is being filled."""
FRAME_BYTES = 8 * 1024
MOST_WAITING = 20_000
"""Frames of all devices not yet written; more are counted and dropped."""
DEVICES_AT_ONCE = 20
"""Between so many the event loop turns to the readings, which must not wait for what is only shown."""
PAUSE = 0.01
"""Seconds that the readings have then, unless so many frames wait that the next would be dropped."""


class Problem(msgspec.Struct, frozen=True):
    """Why a frame, or one field of it, was rejected: `kind` as in `Rejected`."""

    kind: str
    reason: str


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a device. `event` is `up` or what else the network told (join, status, …).

    `raw` is the payload in hexadecimal digits, `decoded` what the codec made of it, `attributes` the values that came
    of that; `at` is when it came, `time` when the network heard the device.
    """

    event: str
    at: datetime
    time: datetime | None = None
    f_port: int | None = None
    f_cnt: int | None = None
    raw: str = ""
    decoded: dict[str, Any] | None = None
    attributes: dict[str, Any] = {}
    gateways: tuple[Gateway, ...] = ()
    rejected: tuple[Problem, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Frame)


class DeviceState(msgspec.Struct, frozen=True):
    """`last_seen`: when a device was last heard by its network; `frames`: how many came since it was registered."""

    id: str = msgspec.field(name="_id")
    frames: int = 0
    last_seen: datetime | None = None


class FrameLog:
    """Frames wait in memory for at most `every` seconds; what a crash loses of them is no reading.

    Reading shows what is written: at most `every` seconds old.
    """

    def __init__(self, store: DocumentStore, every: float = 2.0) -> None:
        self._store, self._every = store, every
        self._waiting: dict[str, deque[Frame]] = {}
        self._count = 0
        self._filled = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._states: dict[str, DeviceState] = {}
        self.dropped = 0

    def add(self, device_id: str, frame: Frame) -> None:
        if self._count >= MOST_WAITING:
            self.dropped += 1
            return
        waiting = self._waiting.get(device_id)
        if waiting is None:
            waiting = self._waiting[device_id] = deque(maxlen=KEPT)
        self._count += len(waiting) < KEPT
        waiting.append(frame)
        if self._count > MOST_WAITING // 2:
            self._filled.set()

    def start(self) -> None:
        self._writer = asyncio.create_task(self._write_for_ever())

    async def stop(self) -> None:
        """Writes what waits."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        await self.flush()

    async def flush(self, pause: float = 0.0) -> None:
        """Write now what waits, in small parts with a `pause` between them."""
        async with self._writing:
            waiting, self._waiting, self._count = self._waiting, {}, 0
            self._filled.clear()
            try:
                while devices := {id_: waiting[id_] for id_ in islice(waiting, DEVICES_AT_ONCE)}:
                    await self._write(devices)
                    for device_id in devices:
                        del waiting[device_id]
                    await asyncio.sleep(0 if self._filled.is_set() else pause)
            finally:
                self._put_back(waiting)

    def _put_back(self, unwritten: dict[str, deque[Frame]]) -> None:
        """Where the process stops meanwhile, or the store is away."""
        for device_id, frames in unwritten.items():
            newer = self._waiting.get(device_id, ())
            self._count -= len(newer)
            frames += newer
            self._count += len(frames)
            self._waiting[device_id] = frames

    async def last(self, device_id: str, limit: int = KEPT) -> list[Frame]:
        """The last frames of a device, the newest first."""
        state = await self._state(device_id, fresh=True)
        newest, frames = max(0, state.frames - 1) // CHUNK, list[Frame]()
        for number in range(newest, max(-1, newest - CHUNKS), -1):
            chunk = await self._store.get(FRAMES, _chunk_id(device_id, number))
            if chunk is None or chunk["number"] != number:
                break
            frames += map(_decoder.decode, reversed(chunk["frames"]))
            if len(frames) >= limit:
                break
        return frames[: min(limit, KEPT)]

    async def states(self) -> dict[str, DeviceState]:
        """Of all devices that ever sent something."""
        found = (msgspec.convert(document, DeviceState) for document in await self._store.find(STATES))
        return {state.id: state for state in found}

    async def state(self, device_id: str) -> DeviceState:
        """Of one device, without frames where it was never heard."""
        return await self._state(device_id, fresh=True)

    async def forget(self, device_id: str) -> None:
        """When a device is deleted."""
        self._states.pop(device_id, None)
        await self._store.delete(STATES, device_id)
        for number in range(CHUNKS):
            await self._store.delete(FRAMES, _chunk_id(device_id, number))

    async def _write_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._filled.wait()
            try:
                await self.flush(PAUSE)
            except Exception:
                logger.exception("The devices' frames could not be written")

    async def _write(self, devices: Mapping[str, deque[Frame]]) -> None:
        chunks: list[Document] = []
        states: list[DeviceState] = []
        for device_id, frames in devices.items():
            state = await self._state(device_id)
            chunks += await self._chunks(device_id, state.frames, frames)
            heard = [frame.time for frame in frames if frame.time] + ([state.last_seen] if state.last_seen else [])
            states.append(DeviceState(device_id, state.frames + len(frames), max(heard, default=None)))
        await self._store.put_many(FRAMES, chunks)
        await self._store.put_many(STATES, [msgspec.to_builtins(state) for state in states])
        self._states |= {state.id: state for state in states}

    async def _chunks(self, device_id: str, count: int, frames: deque[Frame]) -> list[Document]:
        """The documents that the frames fill, of which the first may be begun already."""
        number, filled = divmod(count, CHUNK)
        kept: list[str] = []
        if filled:
            begun = await self._store.get(FRAMES, _chunk_id(device_id, number))
            kept = begun["frames"] if begun and begun["number"] == number else []
        chunks, coming = [], map(_written, frames)
        while added := list(islice(coming, CHUNK - filled)):
            chunks.append({"_id": _chunk_id(device_id, number), "number": number, "frames": kept + added})
            number, filled, kept = number + 1, 0, []
        return chunks

    async def _state(self, device_id: str, fresh: bool = False) -> DeviceState:
        state = None if fresh else self._states.get(device_id)
        if state is None:
            found = await self._store.get(STATES, device_id)
            state = msgspec.convert(found, DeviceState) if found else DeviceState(device_id)
        return state


def _chunk_id(device_id: str, number: int) -> str:
    return f"{device_id}#{number % CHUNKS}"


def _written(frame: Frame) -> str:
    """As it is kept: JSON as text, so that a chunk is read and written without a look into its frames.

    A frame as large as a picture is kept without what it said.
    """
    text = _encoder.encode(frame)
    if len(text) <= FRAME_BYTES:
        return text.decode()
    noted = (Problem("too_large_to_show", f"The frame has {len(text)} bytes: only its beginning is kept"),)
    rejected = tuple(Problem(one.kind, one.reason[:500]) for one in frame.rejected[:5])
    cut = msgspec.structs.replace(
        frame, raw=frame.raw[:512], decoded=None, attributes={}, gateways=frame.gateways[:10], rejected=rejected + noted
    )
    return _encoder.encode(cut).decode()
