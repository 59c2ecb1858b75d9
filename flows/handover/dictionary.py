"""What every published relation and column means, as a page and as a data package: both from the comments."""

from __future__ import annotations

import json

from models.codes import JOINED, codes_of
from models.store.analytics import Column, Relation

# What others refer to by its key, and whose rows may outlive it: verdicts that were given, files of whoever handed them
# in; a goal that is held because its infusion has no row.
_OUTLIVE = ("goal_week_history", "post_lock_difference", "source_file", "rejection")
_REFERRED_TO = {"participant": _OUTLIVE, "infusion": (*_OUTLIVE, "goal", "goal_week"), "goal": _OUTLIVE,
                "goal_week": _OUTLIVE}  # fmt: skip


def page(relations: list[Relation]) -> str:
    """The data dictionary in Markdown: a section per relation, a row per column."""
    parts = []
    for relation in relations:
        head = "| column | type | NULL | meaning |\n|---|---|---|---|"
        lines = [f"## {relation.name}", "", relation.meaning, "", head]
        for column in relation.columns:
            name = f"**`{column.name}`**" if column.name in relation.key else f"`{column.name}`"
            may = "possible" if column.is_nullable else "never"
            lines.append(f"| {name} | {column.kind} | {may} | {column.meaning} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def package(relations: list[Relation], form: str) -> str:
    """The same for machines: a Frictionless data package (datapackage.json) beside the files `<relation>.<form>`."""
    keys = {relation.name: relation.key for relation in relations if relation.name in _REFERRED_TO}
    kind = {"profile": "tabular-data-resource", "mediatype": "text/csv", "encoding": "utf-8"} if form == "csv" else {
        "profile": "data-resource", "mediatype": "application/vnd.apache.parquet"}  # fmt: skip
    resources = [
        {
            "name": _name(relation.name),
            "path": f"{relation.name}.{form}",
            "title": relation.name,
            "description": relation.meaning,
            "format": form,
            **kind,
            "schema": {
                "fields": [_field(relation, column) for column in relation.columns],
                "missingValues": [""],
                **({"primaryKey": list(relation.key)} if relation.key else {}),
                **({"foreignKeys": foreign} if (foreign := _foreign_keys(relation, keys)) else {}),
            },
        }
        for relation in relations
    ]
    profile = "tabular-data-package" if form == "csv" else "data-package"
    return json.dumps({"name": "stepwindow", "profile": profile, "resources": resources}, indent=2) + "\n"


def _name(relation: str) -> str:
    return relation.replace("_", "-")


def _foreign_keys(relation: Relation, keys: dict[str, tuple[str, ...]]) -> list[dict]:
    """Every key of another relation that stands in this one, too."""
    here = {column.name for column in relation.columns}
    return [
        {"fields": list(key), "reference": {"resource": _name(name), "fields": list(key)}}
        for name, key in keys.items()
        if name != relation.name and relation.name not in _REFERRED_TO[name] and key and here.issuperset(key)
    ]


def _field(relation: Relation, column: Column) -> dict:
    kinds = {"VARCHAR": "string", "DATE": "date", "BOOLEAN": "boolean", "INTEGER": "integer", "BIGINT": "integer",
             "TIMESTAMP WITH TIME ZONE": "datetime"}  # fmt: skip
    kind = "array" if column.kind.endswith("[]") else kinds.get(column.kind, "number")
    field = {"name": column.name, "type": kind, "description": column.meaning}
    limits: dict[str, object] = {} if column.is_nullable else {"required": True}
    full = f"{relation.name}.{column.name}"
    if codes := codes_of(full):
        one = f"({'|'.join(codes)})"
        limits |= {"pattern": f"{one}(;{one})*"} if full in JOINED else {"enum": list(codes)}
    return {**field, "constraints": limits} if limits else field
