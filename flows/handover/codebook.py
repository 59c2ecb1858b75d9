"""What every published column means, as a codebook in the form that the field knows: REDCap's data dictionary."""

from __future__ import annotations

import csv
import io

from models.codes import JOINED, codes_of
from models.shown import in_a_spreadsheet
from models.store.analytics import Column, Relation

HEADER = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?",
    "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment",
    "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
_CHECKED_AS = {"DATE": "date_ymd", "TIMESTAMP WITH TIME ZONE": "datetime_seconds_ymd", "INTEGER": "integer",
               "BIGINT": "integer", "DOUBLE": "number"}  # fmt: skip
_NOTES = {"BOOLEAN": "true or false", "DATE": "YYYY-MM-DD", "TIMESTAMP WITH TIME ZONE": "UTC"}


def codebook(relations: list[Relation]) -> str:
    """A form for each relation, a field for each column: a code is a choice, several in one text are a checkbox."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_field(relation, column) for relation in relations for column in relation.columns)
    return out.getvalue()


def _field(relation: Relation, column: Column) -> dict[str, str]:
    full, codes = f"{relation.name}.{column.name}", codes_of(f"{relation.name}.{column.name}")
    if codes:
        kind = "checkbox" if full in JOINED else "dropdown"
    else:
        kind = "truefalse" if column.kind == "BOOLEAN" else "text"
    is_of_people = any(other.name == "participant_id" for other in relation.columns)
    names_somebody = column.name == "participant_id" or column.kind in ("DATE", "TIMESTAMP WITH TIME ZONE")
    notes = (
        _NOTES.get(column.kind),
        "joined by ;" if full in JOINED else None,
        "empty: NULL" if column.is_nullable else None,
    )
    row = {
        "Variable / Field Name": column.name,
        "Form Name": relation.name,
        "Field Type": kind,
        "Field Label": column.meaning,
        "Choices, Calculations, OR Slider Labels": " | ".join(
            f"{code}, {meaning.replace('|', '/')}" for code, meaning in codes.items()
        ),
        "Field Note": "; ".join(filter(None, notes)),
        "Text Validation Type OR Show Slider Number": "" if codes else _CHECKED_AS.get(column.kind, ""),
        "Identifier?": "y" if is_of_people and names_somebody else "",
        "Required Field?": "" if column.is_nullable else "y",
        "Field Annotation": "key" if column.name in relation.key else "",
    }
    return {name: in_a_spreadsheet(text) for name, text in row.items()}
