"""Columns of the clinic's own in participants.csv and infusions.csv: which are published (covariates), and as what.

A column is used as a whole or not at all. What may be a name, an address, a date of birth or free text gets into no
database and no copy of the control files.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from models.study import cells as cell
from models.study import written
from models.study.control_file import Sheet
from models.study.study import Study

MOST_COLUMNS = 50
NO_VALUE = ("", "na", "n/a", "nan", "null", ".", "-")
NO_BIRTH_SINCE = date(2015, 1, 1)
_NAME = re.compile("[a-z][a-z0-9_]{0,31}")
_WORD = re.compile("(?=.*[A-Za-z])(?!(?:.*[0-9]){5})[A-Za-z0-9_.-]{1,16}")
_NUMBER = re.compile(r"([+-]?)([0-9]{1,6}(?:[.,][0-9]{1,9})?)")
_CODE_OF_FIGURES = re.compile("[+-]?(?:[0-9]{5,6}|(?=(?:[^0-9]*[0-9]){7})[0-9]+[.,][0-9]{4,})")  # also 555.0142
_LONG_FRACTION = re.compile("[+-]?[0-9]{1,6}[.,][0-9]{4,}")
_ROUND_IT = "round what was calculated to two figures after the point"
# What a column is called whose values are numbers of records, however short.
_OF_RECORDS = re.compile("(?:^|_)(?:p?id|no|nr|number|numero|record|chart|account|policy|akte|dossier)(?:_|$)|nummer")
# What a column is called that says who somebody is, or holds sentences: in English, German, Spanish and French.
_PRIVATE = re.compile(
    "birth|geburt|nacimi|naissance|name|apellido|prenom|mail|phone|telef|address|adress|direccion|stra(?:ss|ß)e|street|"
    "post_?(?:code|leitzahl|al)|zip_?code|passport|initial|comment|remar[kq]|contact|kommentar|bemerkung|anmerkung|"
    "observac|descri|courriel|wohnort|longitud|whatsapp|"
    "nurse|doctor|physician|therapist|psychiat|psycholog|clinician|carer|caregiver|staff|rater|investigator|"
    "coordinator|provider|consultant|prescriber|practitioner|an?esthe[st]i|referr|surgeon|assessor|interviewer|manager|"
    "supervisor|key_?worker|th?erapeut|praticien|soignant|behandler|betreuer|schwester|"
    "arzt|aerzt|pfleg|medic[oa](?:_|$)|medecin|infirmi|enfermer|_by$|"
    "(?:^|_)(?:dob|yob|bday|born|geb|geboren|nom|nombre|tel|fax|mobile|movil|handy|natel|correo|calle|rue|plz|zip|"
    "city|town|village|ort|ville|ciudad|gps|lat|latitude?|lon|lng|mrn|ssn|nhs|svnr|ahv|nir|dni|nif|"
    "gp|drs?|notes?|notas?|notiz|notizen|memo|text|url)(?:_|$)"
)


class Typed(NamedTuple):
    """A value, and what else it is."""

    number: Decimal | None = None
    date: date | None = None


def typed(value: str) -> Typed:
    """A value as a number or a date, where it is one (R18.1)."""
    if (found := _NUMBER.fullmatch(value)) and len(meant := written.numbers(found[2])) == 1:
        return Typed(number=-meant[0] if found[1] == "-" else meant[0])
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) and (days := written.dates(value)):
        return Typed(date=days[0])
    return Typed()


def rows(study: Study) -> Iterator[tuple[str, str | None, str, str, Decimal | None, date | None]]:
    """participant_id, infusion_id, name, value, number, date of every covariate of a study."""
    for infusion_of, those in ((None, study.rows.participants), ("infusion_id", study.rows.infusions)):
        for row in those:
            for name, value in row.covariates:
                of = getattr(row, infusion_of) if infusion_of else None
                yield row.participant_id, of, name, value, *typed(value)


def settle(sheet: Sheet, participants: Sheet, but: Collection[str]) -> None:
    """Leave in a sheet, of the columns that are not ours, those that are used; a note for each of the others (R18.2).

    `participants`: the sheet whose ids no column may hold or be called after. `but`: people of whom nothing is read.
    """
    whose = {line: cells.get("participant_id", "") for line, cells in sheet.rows}
    people = {cell.word_of(row.cells.get("participant_id", "")) for row in participants.all_rows}
    named = defaultdict[str, list[dict[int, str]]](list)
    for column, cells in sheet.others:
        theirs = {line: value for line, value in cells.items() if whose[line] not in but}
        named[cell.word_of(column)].append({n: v for n, v in theirs.items() if v.casefold() not in NO_VALUE})
    sheet.others = []
    for name, columns in named.items():
        found = _looks_like(name, columns, whose, people, len(sheet.others))
        if found is None:
            sheet.others.append((name, columns[0]))
        else:
            line, why = found
            where = f" (line {line})" if line else ""
            sheet.notes.append(f"{sheet.file}: column {name!r} is not published{where}: {why}")
            sheet.unpublished += 1


def _looks_like(
    name: str, columns: list[dict[int, str]], whose: dict[int, str], people: Collection[str], used: int
) -> tuple[int, str] | None:
    """The first line of what keeps a column out (0: all of it), and what it looks like. None: it is used (R18.4)."""
    if not _NAME.fullmatch(name):
        return 0, "its name is no word of at most 32 of a-z, 0-9 and _, which begins with a letter"
    if _PRIVATE.search(name):
        return 0, "by its name it says who somebody is, or holds free text"
    if any(f"_{who}_" in f"_{name}_" for who in people if not who.isdecimal() and len(who) > 1):
        return 0, "by its name it is about one participant"
    if len(columns) > 1:
        return 0, "its name stands there twice"
    if used == MOST_COLUMNS:
        return 0, f"only {MOST_COLUMNS} columns are"
    for line, value in columns[0].items():
        if kind := _kind(value, people):
            return line, kind
    return _all_different(columns[0], whose, bool(_OF_RECORDS.search(name)))


def _kind(value: str, people: Collection[str]) -> str | None:
    """What kind of thing a value is that is not used. None: it is a number, a date or a word (R18.2)."""
    is_number, is_date = typed(value)
    if is_number is not None:
        return None
    if is_date is not None:
        return None if is_date >= NO_BIRTH_SINCE else "looks like a date of birth"
    if _WORD.fullmatch(value):
        return "names a participant" if cell.word_of(value.strip("_.-")) in people else None
    if written.is_error(value):
        return "an error of the spreadsheet"
    if "@" in value:
        return "looks like an address of mail"
    if written.dates(value, "day_first"):
        return "looks like a date that is not written as 2026-03-09, or a date of birth"
    if len(written.numbers(value)) > 1:
        return "a number that can mean two"
    if _LONG_FRACTION.fullmatch(value):
        return f"a number of more than nine figures after the point; {_ROUND_IT}"
    if sum(map(str.isdigit, value)) >= 5:
        return "looks like a telephone number, an address or the number of a record"
    return "looks like a name, an address or free text, not like a number, a date as 2026-03-09 or a short word"


def _all_different(column: dict[int, str], whose: dict[int, str], every: bool) -> tuple[int, str] | None:
    """Of words, and of long numbers, at least two people have each, as a mean over the column (R18.3).

    `every`: of all its values.
    """
    codes = {line: v for line, v in column.items() if every or typed(v) == Typed() or _CODE_OF_FIGURES.fullmatch(v)}
    people = {whose[line] for line in codes}
    counted = Counter(codes.values())
    if 2 * len(counted) <= len(people):
        return None
    first = min(line for line, value in codes.items() if counted[value] == min(counted.values()))
    what = f"{len(counted)} different words or long numbers among {len(people)} people, as names and ids are"
    return first, f"{what}; {_ROUND_IT}" if _LONG_FRACTION.fullmatch(codes[first]) else what
