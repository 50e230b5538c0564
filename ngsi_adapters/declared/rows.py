"""The records of a document as {column: value}: CSV, Excel, JSON, GeoJSON, SensorThings, a database's answer."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from ngsi_adapters.declared.schema import Declaration
from ngsi_adapters.formats.rows import json_rows
from ngsi_adapters.formats.sensorthings import columns_of, things
from ngsi_adapters.formats.texts import csv_rows, whole_row
from ngsi_adapters.source import MEGABYTE, Malformed

LARGEST_SHEETS = 256 * MEGABYTE
"""Of an Excel file, unpacked."""


def rows_of(declaration: Declaration, file: IO[bytes]) -> Iterator[Any]:
    """Each record; a line of a table with another number of cells as its list. `Malformed` where nothing is read."""
    if declaration.format == "csv":
        return csv_rows(file, (), declaration.delimiter)
    if declaration.format == "xlsx":
        return _sheet(file, declaration.sheet)
    if declaration.format == "sensorthings":
        return things(file.read(), declaration.columns)
    if declaration.format == "geojson":
        return map(_feature, json_rows(file, "features"))
    return json_rows(file, declaration.rows)


def row_of(declaration: Declaration, found: Any) -> Any:
    """The record by its columns; raises what rejects it."""
    return columns_of(found) if declaration.format == "sensorthings" else whole_row(found)


def _feature(feature: Any) -> Any:
    if not isinstance(feature, dict):
        return feature
    told = {"id": feature.get("id"), "geometry": feature.get("geometry")}
    return {**told, **(feature.get("properties") or {})}


def _sheet(file: IO[bytes], name: str | None) -> Iterator[dict[str, Any]]:
    from openpyxl import load_workbook  # a tenth of a second, which only those wait for who read sheets
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(file) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_SHEETS:
                raise Malformed(f"the Excel file unpacks to more than {LARGEST_SHEETS} bytes")
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(f"no Excel file (.xlsx): {error}") from None
    if name is not None and name not in book.sheetnames:
        raise Malformed(f"there is no sheet {name!r} but {', '.join(book.sheetnames)}")
    lines = book[name or book.sheetnames[0]].iter_rows(values_only=True)
    filled = (line for line in lines if any(cell is not None for cell in line))
    header = [str(cell).strip() if cell is not None else "" for cell in next(filled, ())]
    for line in filled:
        yield {name: _cell(cell) for name, cell in zip(header, line, strict=False) if name and cell is not None}


def _cell(cell: Any) -> Any:
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return cell.strip() if isinstance(cell, str) else cell
