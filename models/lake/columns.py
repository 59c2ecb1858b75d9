"""The types of columns, in SQL and in Delta."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deltalake.schema import ArrayType, Field, PrimitiveType

from models.lake.part import Columns

_PLAIN = {
    "VARCHAR": "string", "INTEGER": "integer", "BIGINT": "long", "DOUBLE": "double", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP WITH TIME ZONE": "timestamp",
}  # fmt: skip
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def misfit(known: Mapping[str, str], columns: Columns) -> str | None:
    """The first of these columns that is not of the type that is `known` (by name), or of none that a lake has.

    None: they can be taken.
    """
    for name, kind in columns:
        plain = kind.removesuffix("[]")
        if known.get(name, kind) != kind or not (plain in _PLAIN or _DECIMAL.fullmatch(plain)):
            return name
    return None


def field(column: tuple[str, str]) -> Field:
    """A column (name, SQL type) as Delta has it."""
    name, kind = column
    return Field(name, _type(kind), nullable=True)


def _type(kind: str) -> PrimitiveType | ArrayType:
    if kind.endswith("[]"):
        return ArrayType(_type(kind[:-2]), contains_null=True)
    if number := _DECIMAL.fullmatch(kind):
        return PrimitiveType(f"decimal({number[1]},{number[2]})")
    return PrimitiveType(_PLAIN[kind])


def sql(kind: object) -> str:
    """The SQL type of one of Delta's."""
    if isinstance(kind, ArrayType):
        return f"{sql(kind.element_type)}[]"
    name = kind.type if isinstance(kind, PrimitiveType) else ""
    return next((known for known, delta in _PLAIN.items() if delta == name), name.upper())
