"""The API of dead letters: look, mend, replay, discard; each organisation its own, and an administrator all."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from datenbroker.gateway.management.door import Reach, reach_of
from datenbroker.gateway.problems import BadRequest, NotFound
from iot_agents.ingest.deadletters import DeadLetter
from iot_agents.ingest.letterbox import LetterBox

Reached = Annotated[Reach, Depends(reach_of)]


class LetterShown(BaseModel):
    """A message that could not be processed."""

    id: str
    at: datetime = Field(description="When it came.")
    source: str = Field(description="uid of the network it came from.", examples=["chirpstack"])
    device: str | None = Field(description="The device's key, or what stood in its place.")
    tenant: str | None = Field(description="Whose device it is; none where nobody knows it.")
    topic: str
    kind: str = Field(examples=["out_of_range"])
    reason: str
    size: int = Field(description="Bytes of its payload.")
    excerpt: str = Field(description="The beginning of its payload.")
    mended: bool


class LetterPage(BaseModel):
    """A part of the letters that were asked for, the newest first."""

    total: int
    offset: int
    limit: int
    letters: list[LetterShown]


class LetterOpened(LetterShown):
    payload: str | None = Field(description="As text, where it is text in UTF-8.")
    payload_base64: str


class LetterMended(BaseModel):
    """What is to be changed."""

    model_config = ConfigDict(extra="forbid")

    payload: str | None = Field(None, max_length=1_000_000, description="The message as text.")
    payload_base64: str | None = Field(None, max_length=1_400_000, description="Or as bytes, in base64.")
    topic: str | None = Field(None, min_length=1, max_length=1000)


class Asked(BaseModel):
    letters: int = Field(description="How many an agent takes again, within seconds.")


@dataclass(frozen=True)
class Selection:
    """Which letters are asked for."""

    tenant: Annotated[str | None, Query(description="Only this tenant's, for those who reach several.")] = None
    source: Annotated[str | None, Query(description="Only those of this network.")] = None
    device: Annotated[str | None, Query(description="Only those of this device's key.")] = None
    kind: Annotated[str | None, Query(description="Only those of this kind, e.g. out_of_range.")] = None

    def takes(self, letter: DeadLetter) -> bool:
        wanted = (self.tenant, self.source, self.device, self.kind)
        known = (letter.tenant, letter.source, letter.device, letter.kind)
        return all(one is None or one == other for one, other in zip(wanted, known, strict=True))


@dataclass(frozen=True)
class Letters:
    """The letters that a caller reaches: of nobody's devices only those do who reach all."""

    box: LetterBox

    async def chosen(self, reach: Reach, selection: Selection) -> list[DeadLetter]:
        return [one for one in await self.box.all() if _reaches(reach, one) and selection.takes(one)]

    async def one(self, reach: Reach, letter_id: str) -> DeadLetter:
        letter = await self.box.get(letter_id)
        if letter is None or not _reaches(reach, letter):
            raise NotFound(
                f"There is no dead letter {letter_id}: it was replayed, discarded, or dropped for a newer one."
            )
        return letter


def router(box: LetterBox) -> APIRouter:
    """The routes under /deadletters."""
    api, letters = APIRouter(prefix="/deadletters", tags=["Dead letters"]), Letters(box)
    _look_routes(api, letters)
    _change_routes(api, letters)
    return api


def _look_routes(api: APIRouter, letters: Letters) -> None:
    @api.get("")
    async def list_letters(
        reach: Reached,
        selection: Annotated[Selection, Depends()],
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> LetterPage:
        """Messages of sensors that could not be processed, with the reason."""
        found = await letters.chosen(reach, selection)
        page = [_shown(one) for one in found[offset : offset + limit]]
        return LetterPage(total=len(found), offset=offset, limit=limit, letters=page)

    @api.get("/export", response_class=Response, responses={200: {"content": {"application/x-ndjson": {}}}})
    async def export_letters(reach: Reached, selection: Annotated[Selection, Depends()]) -> Response:
        """All with their payloads, a JSON object a line."""
        lines = [
            orjson.dumps((await _opened(letters.box, one)).model_dump(mode="json")) + b"\n"
            for one in await letters.chosen(reach, selection)
        ]
        return Response(b"".join(lines), media_type="application/x-ndjson")

    @api.get("/{letter_id}")
    async def get_letter(letter_id: str, reach: Reached) -> LetterOpened:
        """One letter with its payload."""
        return await _opened(letters.box, await letters.one(reach, letter_id))


def _change_routes(api: APIRouter, letters: Letters) -> None:
    @api.post("/replay", status_code=status.HTTP_202_ACCEPTED)
    async def replay_letters(reach: Reached, selection: Annotated[Selection, Depends()]) -> Asked:
        """Have all that are chosen processed again; what is still wrong comes back as a new letter."""
        found = await letters.chosen(reach, selection)
        await letters.box.replay(found)
        return Asked(letters=len(found))

    @api.post("/{letter_id}/replay", status_code=status.HTTP_202_ACCEPTED)
    async def replay_letter(letter_id: str, reach: Reached) -> Asked:
        """Have one processed again."""
        await letters.box.replay([await letters.one(reach, letter_id)])
        return Asked(letters=1)

    @api.patch("/{letter_id}")
    async def mend_letter(letter_id: str, change: LetterMended, reach: Reached) -> LetterOpened:
        """Change payload or topic before a replay."""
        letter = await letters.one(reach, letter_id)
        if change.topic is not None and reach.tenant is not None and change.topic != letter.topic:
            raise BadRequest("The topic says whose device it is: only who reaches all organisations changes it.")
        return await _opened(letters.box, await letters.box.mend(letter, _payload(change), change.topic))

    @api.delete("/{letter_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def discard_letter(letter_id: str, reach: Reached) -> None:
        """For good."""
        await letters.box.discard(await letters.one(reach, letter_id))


def _reaches(reach: Reach, letter: DeadLetter) -> bool:
    return reach.tenant is None or reach.tenant == letter.tenant


def _payload(change: LetterMended) -> bytes | None:
    if change.payload is not None:
        return change.payload.encode()
    if change.payload_base64 is None:
        return None
    try:
        return base64.b64decode(change.payload_base64, validate=True)
    except binascii.Error as error:
        raise BadRequest(f"payload_base64 is no base64: {error}.") from None


def _shown(letter: DeadLetter) -> LetterShown:
    return LetterShown.model_validate(letter, from_attributes=True)


async def _opened(box: LetterBox, letter: DeadLetter) -> LetterOpened:
    payload = await box.payload(letter)
    try:
        text: str | None = payload.decode()
    except UnicodeDecodeError:
        text = None
    encoded = base64.b64encode(payload).decode()
    return LetterOpened(**_shown(letter).model_dump(), payload=text, payload_base64=encoded)
