"""What every published relation and column means, as a page and as a data package: both from the comments."""

from __future__ import annotations

import json

from models.store.analytics import Column, Relation


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
    resources = [
        {
            "name": relation.name.replace("_", "-"),
            "path": f"{relation.name}.{form}",
            "title": relation.name,
            "description": relation.meaning,
            "format": form,
            "schema": {
                "fields": [_field(column) for column in relation.columns],
                "missingValues": [""],
                **({"primaryKey": list(relation.key)} if relation.key else {}),
            },
        }
        for relation in relations
    ]
    return json.dumps({"name": "stepwindow", "resources": resources}, indent=2) + "\n"


def _field(column: Column) -> dict:
    kinds = {"VARCHAR": "string", "DATE": "date", "BOOLEAN": "boolean", "INTEGER": "integer", "BIGINT": "integer",
             "TIMESTAMP WITH TIME ZONE": "datetime"}  # fmt: skip
    kind = "array" if column.kind.endswith("[]") else kinds.get(column.kind, "number")
    field = {"name": column.name, "type": kind, "description": column.meaning}
    return field if column.is_nullable else {**field, "constraints": {"required": True}}
