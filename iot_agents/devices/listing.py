"""A device list as operators write it: CSV, Excel or YAML, with German or English headings, and back to CSV."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import yaml

from iot_agents.devices.wanted import Wanted, number_of
from iot_agents.refused import Refused
from iot_agents.registry import Device

HEADINGS = {
    "key": ("key", "dev_eui", "deveui", "eui", "device_eui", "device_id", "geraet", "gerät", "schlüssel"),
    "network": ("network", "netz", "netzwerk"),
    "profile": ("profile", "profil", "device_profile", "geräteprofil", "typ"),
    "tenant": ("tenant", "mandant"),
    "organisation": ("organisation", "organization"),
    "name": ("name", "bezeichnung"),
    "entity_id": ("entity_id", "entity", "entität"),
    "latitude": ("latitude", "lat", "breite", "breitengrad"),
    "longitude": ("longitude", "lon", "lng", "long", "länge", "längengrad"),
    "firmware": ("firmware", "firmware_version", "firmwareversion"),
}
"""What each column may be called, whatever the case; every other column is an attribute of the watched entity."""

KNOWN = {alias: column for column, aliases in HEADINGS.items() for alias in aliases}
EXPORTED = ("network", "key", "profile", "tenant", "name", "latitude", "longitude", "entity_id", "firmware")


MOST_LINES = 200_000
UNPACKED_BYTES = 256 * 1024 * 1024
"""What a workbook may hold: a small file can unpack to a very large one."""


class Line(NamedTuple):
    """One device of a list, by its line in the file (or its place among the devices of a YAML list)."""

    number: int
    cells: dict[str, Any]


class UnreadableList(ValueError):
    """The file as a whole is no device list; the message says why."""


def lines_of(content: bytes, name: str) -> list[Line]:
    """The devices in a file; `name` tells by its ending what it is. `UnreadableList` where that fails."""
    ending = name.lower().rpartition(".")[2]
    readers = {"csv": _csv_lines, "txt": _csv_lines, "xlsx": _xlsx_lines, "yaml": _yaml_lines, "yml": _yaml_lines}
    if ending not in readers:
        raise UnreadableList(f"{name!r:.120} is no device list: it must end in .csv, .xlsx or .yaml")
    lines = list(islice(readers[ending](content), MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        raise UnreadableList(f"The list has more than {MOST_LINES} devices: divide it")
    return lines


def wanted_from(cells: Mapping[str, Any], given: Mapping[str, str], tenants: Mapping[str, str]) -> Wanted:
    """One line as a device. `given` fills what the line leaves out, `tenants` is the tenant of each organisation."""
    known = {name: str(value) for name, value in cells.items() if name in HEADINGS and value not in (None, "")}
    known = {**given, **known}
    attributes = {name: value for name, value in cells.items() if name not in HEADINGS and value not in (None, "")}
    if missing := [name for name in ("key", "profile") if not known.get(name)]:
        raise Refused("missing", f"There is no {' and no '.join(missing)}")
    return Wanted(
        network=known.get("network", "chirpstack"),
        key=known["key"].strip(),
        profile=known["profile"].strip(),
        tenant=_tenant(known, tenants),
        name=known.get("name", ""),
        entity_id=known.get("entity_id", ""),
        latitude=_degrees(known, "latitude"),
        longitude=_degrees(known, "longitude"),
        firmware=known.get("firmware", ""),
        attributes=attributes,
    )


def csv_of(devices: Iterable[Device]) -> str:
    """The devices as a list that `lines_of` reads back: `;` between columns, one column for each static attribute."""
    rows = [_row(device) for device in devices]
    extra = sorted({name for row in rows for name in row} - set(EXPORTED))
    written = io.StringIO()
    writer = csv.DictWriter(written, [*EXPORTED, *extra], restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def _row(device: Device) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(device, name) for name in EXPORTED if hasattr(device, name)}
    for name, attribute in device.entity.items():
        if name in ("id", "type"):
            continue
        value = attribute.get("value", attribute.get("object")) if isinstance(attribute, dict) else attribute
        if name == "location" and isinstance(value, dict) and value.get("type") == "Point":
            row["longitude"], row["latitude"] = value["coordinates"][:2]
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            row[name] = "|".join(value)
        elif not isinstance(value, dict | list):
            row[name] = value
    return row | {"entity_id": device.entity_id}


def _tenant(known: Mapping[str, str], tenants: Mapping[str, str]) -> str:
    if organisation := known.get("organisation"):
        if organisation not in tenants:
            raise Refused("unknown_organisation", f"There is no organisation {organisation!r:.80}")
        return tenants[organisation]
    tenant = known.get("tenant", "")
    if tenant not in tenants.values():
        raise Refused("unknown_tenant", f"No organisation has the tenant {tenant!r:.80}: fill tenant or organisation")
    return tenant


def _degrees(known: Mapping[str, str], name: str) -> float | None:
    if name not in known:
        return None
    try:
        return number_of(known[name])
    except ValueError:
        raise Refused("wrong_location", f"The {name} must be degrees, but is {known[name]!r:.80}") from None


def _csv_lines(content: bytes) -> Iterator[Line]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(";,\t", key=first.count))
    try:
        headings = next(reader, [])
        columns = _columns(headings)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                # zip: cells beyond the last heading belong to no column
                yield Line(reader.line_num, {name: cell.strip() for name, cell in zip(columns, cells, strict=False)})
    except csv.Error as error:
        raise UnreadableList(f"The CSV breaks off in line {reader.line_num}: {error}") from None


def _decoded(content: bytes) -> str:
    """Excel writes UTF-8 with a mark, or Windows' code page, as it likes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _xlsx_lines(content: bytes) -> Iterator[Line]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(member.file_size for member in packed.infolist()) > UNPACKED_BYTES:
                raise UnreadableList("The workbook is too large: save the list as CSV")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except UnreadableList:
        raise
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise UnreadableList(f"This is no Excel workbook: {error}") from None
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        columns = _columns([str(cell or "") for cell in next(rows, ())])
        for number, cells in enumerate(rows, 2):
            if any(cell not in (None, "") for cell in cells):
                yield Line(number, dict(zip(columns, cells, strict=False)))
    finally:
        book.close()


def _yaml_lines(content: bytes) -> Iterator[Line]:
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, yaml.SafeLoader)):
            raise UnreadableList("The YAML refers to itself (*name): write each device out")
        listed = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableList(f"This is no YAML: {' '.join(str(error).split())}") from None
    listed = listed.get("devices") if isinstance(listed, dict) else listed
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise UnreadableList("The YAML must be a list of devices, or have one under `devices`")
    for number, device in enumerate(listed, 1):
        attributes = device.pop("attributes", None) or {}
        columns = _columns([str(name) for name in device])
        yield Line(number, dict(zip(columns, device.values(), strict=True)) | attributes)


def _columns(headings: list[str]) -> list[str]:
    names = [heading.strip() for heading in headings]
    columns = [KNOWN.get(name.lower().replace(" ", "_"), name) for name in names]
    if "key" not in columns:
        raise UnreadableList(f"There is no column for the device: name one of them {', '.join(HEADINGS['key'][:4])}")
    twice = {name for name in columns if name and columns.count(name) > 1}
    if twice:
        raise UnreadableList(f"There are several columns for {', '.join(sorted(twice))}")
    return columns
