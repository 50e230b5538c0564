from pathlib import Path

from iot_agents.ingest.duplicates import RETRANSMISSION, SeenFrames, frame_key

KEY = frame_key(b"chirpstack:1", b"7", b"\x01\x02")
NOON = 1_795_348_800_000


def seen(folder: Path | None = None, keep: int = 1000) -> SeenFrames:
    frames = SeenFrames(folder, keep)
    frames.start()
    return frames


def test_a_frame_that_came_is_known() -> None:
    frames = seen()
    frames.add([(KEY, NOON)])
    assert frames.knows(KEY, NOON)
    assert not frames.knows(frame_key(b"chirpstack:1", b"8", b"\x01\x02"), NOON)


def test_a_retransmission_is_known_but_a_counter_that_began_anew_is_not() -> None:
    frames = seen()
    frames.add([(KEY, NOON)])
    assert frames.knows(KEY, NOON + RETRANSMISSION)
    assert not frames.knows(KEY, NOON + RETRANSMISSION + 1)


def test_frames_are_known_after_a_kill(tmp_path: Path) -> None:
    seen(tmp_path).add([(KEY, NOON)])  # never stopped
    after = seen(tmp_path)
    assert after.knows(KEY, NOON)
    after.stop()


def test_a_write_that_was_cut_off_harms_no_other(tmp_path: Path) -> None:
    first = seen(tmp_path)
    first.add([(KEY, NOON)])
    first.stop()
    with (tmp_path / "seen.new").open("ab") as file:
        file.write(b"\x01\x02\x03")
    second = seen(tmp_path)
    second.add([(KEY + 1, NOON)])
    second.stop()
    third = seen(tmp_path)
    assert third.knows(KEY, NOON)
    assert third.knows(KEY + 1, NOON)
    third.stop()


def test_memory_and_files_are_bounded_and_the_newest_are_kept(tmp_path: Path) -> None:
    frames = seen(tmp_path, keep=100)
    for number in range(1000):
        frames.add([(number, NOON)])
    frames.stop()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 * 100 * 16
    again = seen(tmp_path, keep=100)
    assert all(again.knows(number, NOON) for number in range(900, 1000))
    assert not again.knows(0, NOON)
    again.stop()
