"""A codec that takes a worker's time for nothing is paused, the device alone where it is the device."""

import asyncio

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.quarantine import CODEC_STRIKES, DEVICE_STRIKES, FIRST_PAUSE, LONGEST_PAUSE, Quarantine
from iot_agents.codecs.result import Decoded
from tests.iot_agents.codecs.sources import GOOD, NOON, PAYLOAD, javascript, with_codecs

HANGS = javascript("function decodeUplink() { for (;;) {} }")
HANGS_AT_PORT_1 = javascript("function decodeUplink(i) { while (i.fPort == 1) {} return {data: {port: i.fPort}} }")


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def struck(quarantine: Quarantine, times: int, device: str = "a") -> None:
    for _ in range(times):
        quarantine.strike("c", device, "no end")


def test_some_failures_are_no_reason_and_one_success_forgives_them() -> None:
    quarantine = Quarantine(Clock())
    for _ in range(3):
        struck(quarantine, DEVICE_STRIKES - 1)
        assert quarantine.refusal("c", "a") is None
        quarantine.well("c", "a")
    assert quarantine.pauses == 0


def test_the_pause_grows_up_to_an_hour() -> None:
    clock, pauses = Clock(), list[float]()
    quarantine = Quarantine(clock)
    struck(quarantine, DEVICE_STRIKES - 1)
    for _ in range(15):
        struck(quarantine, 1)
        began = clock.now
        while quarantine.refusal("c", "a") is not None:
            clock.now += 10
        pauses.append(clock.now - began)
        quarantine._records.pop(("c", ""), None)  # the device alone is looked at
    assert pauses[:4] == [FIRST_PAUSE, 20, 40, 80] and pauses[-1] == LONGEST_PAUSE


def test_one_device_is_paused_and_the_others_are_not() -> None:
    quarantine = Quarantine(Clock())
    struck(quarantine, DEVICE_STRIKES)
    assert "paused for 10 s: 3 calls of this device" in (quarantine.refusal("c", "a") or "")
    assert quarantine.refusal("c", "b") is None and quarantine.paused == 1


def test_a_codec_that_fails_with_every_device_is_paused_for_all() -> None:
    quarantine = Quarantine(Clock())
    for number in range(CODEC_STRIKES):
        quarantine.strike("c", f"device {number}", "no end")
    assert "of all its devices" in (quarantine.refusal("c", "a new one") or "")
    assert quarantine.refusal("another", "a new one") is None


def test_after_the_pause_one_call_is_tried_and_the_others_wait_for_it() -> None:
    clock = Clock()
    quarantine = Quarantine(clock)
    struck(quarantine, DEVICE_STRIKES)
    clock.now += FIRST_PAUSE
    assert quarantine.refusal("c", "a") is None
    assert quarantine.refusal("c", "a") is not None
    quarantine.well("c", "a")
    assert quarantine.refusal("c", "a") is None


def test_a_hanging_codec_takes_no_worker_from_the_others_for_long() -> None:
    async def work(codecs: Codecs) -> tuple[list[Decoded], Decoded, dict[str, int]]:
        bad = [codecs.decode(HANGS, 1, PAYLOAD, NOON, f"device {number % 50}") for number in range(500)]
        answers = await asyncio.gather(*bad)
        good = await codecs.decode(GOOD, 2, PAYLOAD, NOON, "good")
        return answers, good, codecs.counters()

    answers, good, counters = with_codecs(work, Limits(cpu_seconds=0.02))
    assert good.errors == () and all(answer.errors for answer in answers)
    assert sum("paused" in answer.errors[0] for answer in answers) > 400
    assert counters["pauses"] > 0 and counters["paused"] > 0


def test_a_device_whose_payload_hangs_the_codec_is_paused_alone() -> None:
    async def work(codecs: Codecs) -> tuple[Decoded, Decoded]:
        for _ in range(DEVICE_STRIKES):
            await codecs.decode(HANGS_AT_PORT_1, 1, PAYLOAD, NOON, "bad")
        paused = await codecs.decode(HANGS_AT_PORT_1, 1, PAYLOAD, NOON, "bad")
        return paused, await codecs.decode(HANGS_AT_PORT_1, 2, PAYLOAD, NOON, "good")

    paused, good = with_codecs(work, Limits(cpu_seconds=0.02))
    assert "paused" in paused.errors[0] and good.data == {"port": 2}
