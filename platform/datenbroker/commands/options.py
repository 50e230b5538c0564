"""Command line options made from the settings, so that each is described once."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from datenbroker.errors import CannotStart
from datenbroker.settings import PREFIX, Settings, option, shown_default

Command = Callable[..., None]

TYPES = {
    "port": int,
    "mqtt_port": int,
    "mqtt_tls_port": int,
    "codec_workers": int,
    "mqtt_tls_only": bool,
    "iota_port": int,
    "commands_port": int,
    "commands_waiting": int,
    "commands_lifetime": float,
    "commands_lease": float,
    "mqtt_session_days": float,
    "mqtt_in_flight": int,
    "batch_entities": int,
    "batch_milliseconds": float,
    "spool_after": float,
    "deadletters_count": int,
    "deadletters_device": int,
    "deadletters_days": float,
    "broker_port": int,
    "speed": float,
    "broker_timeout": float,
    "source_lease": float,
    "source_refresh": float,
    "stop_timeout": int,
    "product_limit": int,
    "product_streams": int,
    "product_stream_entities": int,
    "product_exports": int,
    "product_aggregate_entities": int,
    "product_stream_interval": float,
    "allow_private_targets": bool,
    "cors_open_products": bool,
}
"""For the metavar in --help; whatever the type, the value is checked by `Settings`."""
PAIRS = {"source_urls", "broker_limits", "oidc_discovery", "oidc_roles", "oidc_organisations"}
"""Options given several times, each as name=value."""


def with_settings(*names: str, **renamed: str) -> Callable[[Command], Command]:
    """Gives a command an option for each named setting, and their values as its argument `settings`.

    `renamed` maps a setting to the option's spelling where that differs: `broker_port="--port"`.
    """
    spellings = {name: option(name) for name in names} | renamed

    def decorate(command: Command) -> Command:
        own = [parameter for name, parameter in inspect.signature(command).parameters.items() if name != "settings"]

        @functools.wraps(command)
        def run(**arguments: Any) -> None:
            given = {name: arguments.pop(name) for name in spellings}
            chosen = {name: value for name, value in given.items() if value not in (None, [])}
            for name in PAIRS & chosen.keys():
                chosen[name] = _pairs(name, chosen[name])
            command(**arguments, settings=Settings.load(chosen))

        parameters = [*own, *(_parameter(name, spelling) for name, spelling in spellings.items())]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _parameter(name: str, spelling: str) -> inspect.Parameter:
    field = Settings.model_fields[name]
    kind: Any = list[str] if name in PAIRS else TYPES.get(name, str)
    default = (
        "" if field.default in (None, ...) or field.default_factory else f", default {shown_default(field.default)}"
    )
    described = f"{field.description} [{PREFIX}{name.upper()}{default}]"
    annotation = Annotated[kind | None, typer.Option(spelling, help=described, show_default=False)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _pairs(name: str, given: list[str]) -> dict[str, str]:
    pairs = dict(pair.partition("=")[::2] for pair in given)
    for key, value in pairs.items():
        if not value:
            raise CannotStart(f"{option(name)} {key} needs a value: {option(name)} {key}=VALUE")
    return pairs
