"""What is wrong with an entity, in which attribute, and how to mend it."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from data_models.checking.texts import TEXTS

Language = Literal["de", "en"]
Severity = Literal["error", "warning"]
LONGEST = 90


class Finding(NamedTuple):
    """One thing that is wrong (`error`) or looks so (`warning`). `path` is the attribute, e.g. `category[1]`, or id."""

    code: str
    severity: Severity
    path: str
    sent: Any = None
    details: Mapping[str, Any] = MappingProxyType({})

    def text(self, language: Language) -> str:
        """What is wrong and how to mend it, in one or two sentences."""
        words = {name: _in(language, value) for name, value in self.details.items()}
        text = TEXTS[self.code][language].format(sent=shown(self.sent), path=self.path, **words)
        hint = words.get("hint")
        return f"{text} {hint}" if hint else text

    def as_json(self, language: Language) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "code": self.code,
            "attribute": self.path,
            "sent": self.sent,
            "message": self.text(language),
        }


def shown(value: Any) -> str:
    """The value as JSON has it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _in(language: Language, value: Any) -> str:
    """A detail is a text, or a text in each language."""
    return str(value[language] if isinstance(value, Mapping) else value)
