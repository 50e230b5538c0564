"""OCPI 2.2.1 sessions (chapter 9): the newest charging session of each location.

Who charged is nobody's business here: tokens, contracts and methods of payment are not even read.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from data_models import EVChargingStation
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.times import utc_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each, refused
from ngsi_adapters.source import Change, Malformed, Outcome, Source, entity_id

Row = Mapping[str, Any]
STATUSES = ("ACTIVE", "COMPLETED", "INVALID", "PENDING", "RESERVATION")
"""SessionStatus (OCPI 2.2.1, 9.4.2)."""
UNSAID = ("INVALID", "PENDING")
"""Sessions that have not begun or must not be billed tell nothing of the station."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A change a location; sessions of unknown status or time are rejected."""
    document = json_object(payload)
    if document.get("status_code") not in range(1000, 2000):
        raise Malformed(f"OCPI status {document.get('status_code')}: {document.get('status_message', 'no message')}")
    newest: dict[str, Row] = {}
    for session in json_list(document, "data"):
        try:
            station, moment = _station(session), utc_moment(session["last_updated"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield refused(session, error, itemgetter("id"))
            continue
        if session["status"] in UNSAID:
            continue
        if station not in newest or moment > utc_moment(newest[station]["last_updated"]):
            newest[station] = session
    yield from each(newest.values(), _change, itemgetter("id"))


def _station(session: Row) -> str:
    if session["status"] not in STATUSES:
        raise ValueError(f"{session['status']!r} is no status of a session in OCPI 2.2.1")
    return entity_id("EVChargingStation", session["country_code"], session["party_id"], session["location_id"])


def _change(session: Row) -> Change:
    return SESSION.change(_station(session), session, utc_moment(session["last_updated"]))


def _lower(status: str) -> str:
    """in small letters"""
    return status.lower()


def _cost(session: Row) -> float | None:
    """as soon as the session is COMPLETED, else without tax as far as told"""
    cost = session.get("total_cost")
    if cost is None or session["status"] != "COMPLETED":
        return None
    return number(cost.get("incl_vat", cost["excl_vat"]))


def _tax(session: Row) -> float | None:
    """incl_vat - excl_vat"""
    cost = session.get("total_cost") or {}
    if "incl_vat" not in cost or session["status"] != "COMPLETED":
        return None
    return round(number(cost["incl_vat"]) - number(cost["excl_vat"]), 4)


SESSION = Mapped(
    EVChargingStation,
    (
        Field("id", "transactionId", needed=True),
        Field("status", "sessionStatus", _lower, needed=True),
        Field("kwh", "sessionEnergy", number),
        Field("evse_uid", "chargingUnitId", needed=True),
        Field("start_date_time", "startDateTime", utc_moment, needed=True),
        Field("end_date_time", "endDateTime", utc_moment),
        Field("last_updated", "observationDateTime", utc_moment, needed=True),
        Field("total_cost", "amountCollected", derive=_cost),
        Field("total_cost", "taxAmountCollected", derive=_tax),
    ),
)
SOURCE = Source(
    uid="ocpi_sessions",
    name="OCPI 2.2.1: charging sessions, without persons",
    licence=None,
    attribution="the operators named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadtwerke",
    parse=parse,
    mapping=(SESSION,),
    fetching=Fetching(
        token=("Authorization", "Token {token}"),
        query={"date_from": "{since}"},
    ),
)
