"""The dead letters as whoever mends them sees them: list, read, mend, replay, discard; from any process."""

import base64
from collections.abc import Iterable

import msgspec

from document_store.store import DocumentStore
from iot_agents.ingest.deadletters import LETTERS, NO_NUMBER, PAYLOADS, DeadLetter

REPLAYS = "dead_letter_replays"
"""Letters that an agent is asked to take again, by id."""


class LetterBox:
    """All letters of a document store; a letter is named by its id."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def all(self) -> list[DeadLetter]:
        """The newest first."""
        found = [one for one in await self._store.find(LETTERS) if one["number"] != NO_NUMBER]
        letters = [msgspec.convert(one, DeadLetter) for one in found]
        return sorted(letters, key=lambda letter: letter.at, reverse=True)

    async def get(self, letter_id: str) -> DeadLetter | None:
        """None where it was discarded, replayed, or dropped for a newer one."""
        place, _, number = letter_id.rpartition(".")
        found = await self._store.get(LETTERS, place)
        if found is None or str(found["number"]) != number:
            return None
        return msgspec.convert(found, DeadLetter)

    async def payload(self, letter: DeadLetter) -> bytes:
        found = await self._store.get(PAYLOADS, letter.place)
        return base64.b64decode(found["payload"]) if found else b""

    async def mend(self, letter: DeadLetter, payload: bytes | None = None, topic: str | None = None) -> DeadLetter:
        """With another payload or topic; it stays a dead letter until it is replayed."""
        if payload is not None:
            text = base64.b64encode(payload).decode()
            await self._store.put(PAYLOADS, {"_id": letter.place, "payload": text})
        mended = msgspec.structs.replace(
            letter,
            topic=letter.topic if topic is None else topic,
            size=letter.size if payload is None else len(payload),
            mended=True,
        )
        await self._store.put(LETTERS, msgspec.to_builtins(mended))
        return mended

    async def replay(self, letters: Iterable[DeadLetter]) -> None:
        """An agent takes them within a second or two; what is still wrong comes back as a new letter."""
        await self._store.put_many(REPLAYS, [{"_id": letter.id} for letter in letters])

    async def waits_for_replay(self, letter_id: str) -> bool:
        return await self._store.get(REPLAYS, letter_id) is not None

    async def wanted(self) -> list[str]:
        """The ids of letters that are to be replayed."""
        return [one["_id"] for one in await self._store.find(REPLAYS)]

    async def claim(self, letter_id: str) -> bool:
        """Whether it is this process that replays the letter."""
        return await self._store.delete(REPLAYS, letter_id)

    async def discard(self, letter: DeadLetter) -> None:
        """For good."""
        if await self.get(letter.id) is None:
            return
        await self._store.put(LETTERS, {"_id": letter.place, "number": NO_NUMBER})
        await self._store.put(PAYLOADS, {"_id": letter.place, "payload": ""})
