"""Choosing one language of a LanguageProperty (CIM 009, 4.15; RFC 5646, RFC 9110 12.5.4)."""

from functools import lru_cache
from typing import Any

from ngsi_ld.model.kinds import Instance


def in_language(instance: Instance, wanted: str) -> Instance:
    """The instance with its LanguageProperties, at every depth, as Properties in the best language."""
    if instance["type"] == "LanguageProperty" and isinstance(instance["languageMap"], dict) and instance["languageMap"]:
        tag, text = choose(instance["languageMap"], wanted)
        chosen: Instance = {"type": "Property", "value": text}
        if tag != "@none":
            chosen["lang"] = tag
        instance = chosen | {key: value for key, value in instance.items() if key not in ("type", "languageMap")}
    return {
        member: [in_language(item, wanted) for item in value] if ":" in member and isinstance(value, list) else value
        for member, value in instance.items()
    }


def choose(language_map: dict[str, Any], wanted: str) -> tuple[str, Any]:
    """Tag and text: the best weighted match, else `@none`, else the first there is."""
    for tag in _preferences(wanted):
        fits = (_is_any, _is_same, _is_wider, _is_narrower)
        for known in (known for fit in fits for known in language_map if fit(tag, known.lower())):
            return known, language_map[known]
    tag = "@none" if "@none" in language_map else next(iter(language_map))
    return tag, language_map[tag]


def _is_any(tag: str, known: str) -> bool:
    return tag == "*" and known != "@none"


def _is_same(tag: str, known: str) -> bool:
    return tag == known


def _is_wider(tag: str, known: str) -> bool:
    return known.startswith(tag + "-")


def _is_narrower(tag: str, known: str) -> bool:
    return tag.startswith(known + "-")


@lru_cache(maxsize=256)
def _preferences(wanted: str) -> tuple[str, ...]:
    weighted = []
    for part in wanted.split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            weight = 0.0
        if tag and weight > 0:
            weighted.append((weight, tag.strip().lower()))
    return tuple(tag for _, tag in sorted(weighted, key=lambda item: -item[0]))
