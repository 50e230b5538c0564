"""Records in the real formats, to be filled in: a ParkAPI site, and a telegram of a Holley meter (EDL21, SML)."""

from functools import cache
from importlib.resources import files


@cache
def text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
