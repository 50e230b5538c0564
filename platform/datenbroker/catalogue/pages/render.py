"""Templates filled in: everything is escaped, and nothing is loaded from elsewhere."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from datenbroker.catalogue.pages.texts import Language, texts
from datenbroker.catalogue.pages.words import date_text


@cache
def _environment() -> Environment:
    loader = PackageLoader("datenbroker.catalogue.pages")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = percent
    environment.filters["date"] = date_text
    return environment


def page(template: str, language: Language, **values: Any) -> str:
    """A template of `templates` with the language's texts as `t`."""
    return _environment().get_template(template).render(t=texts(language), lang=language, **values)


@cache
def stylesheet() -> str:
    return files("datenbroker.catalogue.pages").joinpath("templates/style.css").read_text("utf-8")


def percent(share: float | None, language: Language) -> str:
    """0.9876 as `98,8 %`; what is not quite all is not rounded up to it."""
    if share is None:
        return "–"
    rounded = round(share * 100, 1)
    if rounded == 100 and share < 1:
        rounded = 99.9
    text = f"{rounded:g}"
    return f"{text.replace('.', ',')} %" if language == "de" else f"{text}%"
