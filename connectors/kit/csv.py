"""How a CSV is read: strictly, by column name, with the line of whatever is wrong.

UTF-8 (a byte order mark is fine), comma, semicolon or tab, LF or CRLF, blank lines. Every column is used, ignored by
name, or remarked on as new. A column that is missing, a cell that cannot be, a row with a field too many: the file is
rejected naming line and column, the header being line 1. A row whose cells are of the right form and say what cannot
be (a date after tomorrow, a number out of its range) is set aside instead (models/set_aside.py).

A file is read in pieces of a few megabytes cut between records, so its size does not matter, only that of what is used
of it. A piece without quotes is parsed by Polars; one with quotes, blank lines or ragged rows by the csv module, which
is slower and never wrong.
"""

from __future__ import annotations

import csv
import difflib
import fnmatch
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import polars as pl

from connectors.kit.claims import claimed
from connectors.kit.csv_cells import Cell as Cell
from connectors.kit.csv_cells import day as day
from connectors.kit.csv_cells import instant as instant
from connectors.kit.csv_cells import integer as integer
from connectors.kit.csv_cells import number as number
from connectors.kit.csv_cells import text as text
from connectors.kit.csv_cells import word as word
from connectors.kit.export import Export
from connectors.kit.pieces import LONGEST_RECORD, Endless, pieces_of
from connectors.kit.stack import Stack, own, with_files
from models.fault import Rejected
from models.set_aside import set_aside
from models.shown import shortened

_MOST_COLUMNS = 2_000  # the widest export has a few hundred
_MOST_BYTES = 400_000_000  # of what is used of all rows
_ROWS_AT_ONCE = 20_000
UTF16 = (b"\xff\xfe", b"\xfe\xff")
AGAIN = "export the file again, or take it out of the inbox"
csv.field_size_limit(LONGEST_RECORD)

Table = tuple[pl.DataFrame, list[str]]  # rows, and remarks


@dataclass(frozen=True)
class Layout:
    """What a kind of file looks like. Names are compared without regard to case; `ignored` may hold patterns."""

    required: dict[str, Cell]
    optional: dict[str, Cell] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    remedy: str = AGAIN
    most_rows: int = 12_000_000  # twenty years of minutes; fewer where each row is looked at by itself
    in_line: bool = False  # a row means something by its place among the others: none of them can be left out

    @property
    def used(self) -> dict[str, Cell]:
        """Required and optional columns."""
        return self.required | self.optional


def header(export: Export) -> list[str]:
    """The column names, lower-cased, for `identify`. Empty where the file does not begin like a CSV."""
    return list(_names(export.head))


@lru_cache(maxsize=1)  # every reader of tables asks it of the same export
def _names(head: bytes) -> tuple[str, ...]:
    if head[:2] in UTF16:  # recognised all the same, so that `read` can say what is wrong with it
        head = head.decode("utf-16", "ignore").encode()
    try:
        _, names, _ = _first_record(head)
    except Rejected:
        return ()
    return tuple(name.casefold() for name in names)


def fault(
    line: int | None, column: str, found: str, expected: str, remedy: str = AGAIN, words: str | None = None
) -> Rejected:
    """The rejection of one cell. `column`: as the vendor calls it; `words`: what the file says itself."""
    place = f"column {column}" if line is None else f"line {line}, column {column}"
    return Rejected(place, found, expected, remedy, words)


def wrong_cell(line: int, column: str, cell: str | None, expected: str, remedy: str = AGAIN) -> Rejected:
    """The rejection of a cell that cannot be. Of its words only a figure or a time is quoted: others may be about
    someone."""
    figure = cell if cell and re.fullmatch(r"[-+0-9.,:;/eETZ ]{1,40}", cell) else None
    found = "nothing" if cell is None else "text" if figure is None else "another figure or time"
    return fault(line, column, found, expected, remedy, figure)


def new_columns(names: list[str]) -> list[str]:
    """Remarks on columns that no reader knows, for who looks after the study: they name them as the file does."""
    if len(names) > 8:
        return [f"{len(names)} columns that are not known: not read"]
    return [f"new column '{shortened(name, 60)}': not read" for name in names]


def read(export: Export, layout: Layout, reduce: Callable[[pl.DataFrame], pl.DataFrame] | None = None) -> Table:
    """The columns of `layout`, typed, with `line`, and remarks on columns never seen before.

    Absent optional columns are null. `reduce` is applied piece by piece, where a file is much longer than what is
    used of it. Raises Rejected.
    """
    reduce = reduce or (lambda frame: frame)
    if isinstance(export, Stack):
        return _read_stack(export, layout, reduce)
    line = 1
    with export.open() as stream:
        pieces = pieces_of(stream)
        try:
            first = next(pieces, b"")
            separator, names, start, line = _columns(first)
            positions, notes = _account(names, line - 1, layout)
            frames: list[pl.DataFrame] = []
            rest = first[start:]
            del first
            while rest or (rest := next(pieces, b"")):
                rows, line = _rows(rest, len(names), separator, line, layout.remedy)
                rest = b""
                frames.append(reduce(_typed(rows, positions, layout)))
                _check_size(frames, line, layout)
        except Endless:
            found = f"a row of over {LONGEST_RECORD // 1_000_000} MB, or a quotation mark without its other half"
            raise Rejected(f"line {line}", found, "rows of a table", AGAIN) from None
    return pl.concat(frames or [reduce(_typed(_empty(len(names)), positions, layout))]), notes


def _read_stack(stack: Stack, layout: Layout, reduce: Callable[[pl.DataFrame], pl.DataFrame]) -> Table:
    """The same of many small files of one header, with their `file`. Raises also for what is merely unusual."""
    contents = [export.read() for export in stack.exports]
    separator, names, start, line = _columns(contents[0])
    positions, notes = _account(names, line - 1, layout)
    if any(not content.startswith(contents[0][:start]) for content in contents):
        raise fault(1, "header", "other columns", "those of the other files")
    bodies = [content[start:] if content.endswith(b"\n") else content[start:] + b"\n" for content in contents]
    rows, _ = _rows(b"".join(bodies), len(names), separator, line, layout.remedy)
    counts = [body.count(b"\n") for body in bodies]
    if sum(counts) != rows.height:
        raise fault(None, "", "blank lines, or fields of several", "a line a row")
    return reduce(_typed(with_files(rows, counts), positions, layout)), notes


def _check_size(frames: list[pl.DataFrame], line: int, layout: Layout) -> None:
    """Reject a file of which more is used than anybody's life has."""
    place, expected = f"before line {line}", "the rows of one person"
    if sum(frame.height for frame in frames) > layout.most_rows:
        raise Rejected(place, f"more than {layout.most_rows:,} rows", expected, layout.remedy)
    if sum(frame.estimated_size() for frame in frames) > _MOST_BYTES:
        raise Rejected(place, f"rows of over {_MOST_BYTES // 1_000_000} MB", expected, layout.remedy)


def _decoded(piece: bytes, line: int) -> str:
    if piece[:2] in UTF16 or b"\0" in piece[:1000]:
        raise Rejected("whole file", "UTF-16 or binary data", "UTF-8 text", "save it as CSV UTF-8, or " + AGAIN)
    try:
        return piece.decode()
    except UnicodeDecodeError as error:
        line += piece.count(b"\n", 0, error.start)
        found = "text in an older encoding (such as Windows-1252)"
        raise Rejected(f"line {line}", found, "UTF-8 text", "save it as CSV UTF-8, or " + AGAIN) from None


def _first_record(piece: bytes) -> tuple[str, list[str], int]:
    """Separator, column names, and how many bytes of the piece they and anything before them take."""
    mark = 3 if piece.startswith(b"\xef\xbb\xbf") else 0
    before = re.match(rb"[\r\n]*", piece[mark:])
    begin = mark + (before.end() if before else 0)
    end = piece.find(b"\n", begin)
    end = len(piece) if end < 0 else end + 1
    first = _decoded(piece[begin:end], 1 + piece.count(b"\n", 0, begin)).strip("\r\n")
    outside = re.sub(r'"[^"]*"', "", first)
    separator = max(",;\t", key=outside.count)
    try:
        names = next(csv.reader([first], delimiter=separator), [])
    except csv.Error:  # a lone carriage return, a field without an end
        raise fault(1, "header", "a line that is no CSV header", "column names in one line") from None
    return separator, [name.strip() for name in names], end


def _columns(piece: bytes) -> tuple[str, list[str], int, int]:
    separator, names, start = _first_record(piece)
    if len(names) > _MOST_COLUMNS:
        raise fault(1, "header", f"{len(names):,} columns", f"at most {_MOST_COLUMNS:,}")
    return separator, names, start, 1 + piece.count(b"\n", 0, start) + (not piece[:start].endswith(b"\n"))


def _account(names: list[str], line: int, layout: Layout) -> tuple[dict[str, int], list[str]]:
    """Where each used column is, and remarks on the unknown ones. Raises Rejected for a missing or doubled one."""
    lowered = [name.casefold() for name in names]
    wanted = {name.casefold(): name for name in layout.used}
    unknown = [
        name
        for name, low in zip(names, lowered, strict=True)
        if low and low not in wanted and not any(fnmatch.fnmatchcase(low, p.casefold()) for p in layout.ignored)
    ]
    for name in layout.used:
        if name.casefold() in lowered:
            continue
        near = like(name, unknown, name in layout.required)
        if near or name in layout.required:
            found = f"no such column, but one like '{name}'" if near else "no such column"
            raise fault(line, name, found, f"a column '{name}'", layout.remedy, near)
    for low, name in wanted.items():
        if lowered.count(low) > 1:
            raise Rejected(f"line {line}, column {name}", "two columns of that name", "one", layout.remedy)
    positions = {name: lowered.index(low) for low, name in wanted.items() if low in lowered}
    return positions, new_columns(unknown)


def like(name: str, unknown: list[str], is_needed: bool) -> str | None:
    """An unknown column that may be this one under a new name. An optional one that was renamed is not just absent.

    What is needed is looked for more widely: it is missed in any case, and the sentence says where it may be.
    """
    plain = {unknown_name.casefold(): unknown_name for unknown_name in unknown}
    wanted = name.casefold()
    near = difflib.get_close_matches(wanted, plain, 1, 0.5 if is_needed else 0.8)
    near = near or [low for low in plain if (wanted in low if is_needed else len(low) > 5 and low in wanted)]
    return plain[near[0]] if near else None


def _empty(columns: int) -> pl.DataFrame:
    return pl.DataFrame(schema={"line": pl.UInt32} | {f"c{i}": pl.String for i in range(columns)})


def _rows(piece: bytes, columns: int, separator: str, line: int, remedy: str) -> tuple[pl.DataFrame, int]:
    """All cells of a piece as text (empty: null) with their line, and the line after the piece."""
    if not piece.isascii() or b"\0" in piece[:1000]:
        _decoded(piece, line)
    if b"\r" in piece:
        piece = piece.replace(b"\r\n", b"\n")
    if b'"' not in piece and b"\r" not in piece:
        try:
            schema = {f"c{i}": pl.String() for i in range(columns)}
            cells = pl.read_csv(piece, has_header=False, separator=separator, quote_char=None, schema=schema)
            # a row with a field too few has nothing in its last one
            full = not cells[f"c{columns - 1}"].null_count()
            if full or piece.count(separator.encode()) == (columns - 1) * cells.height:
                return cells.with_row_index("line", line), line + cells.height
        except pl.exceptions.PolarsError:  # a row with a field too many: found, and named, below
            pass
    lines = piece.count(b"\n") + (not piece.endswith(b"\n"))
    return _rows_with_quotes(piece.decode(), columns, separator, line, remedy), line + lines


def _rows_with_quotes(piece: str, columns: int, separator: str, line: int, remedy: str) -> pl.DataFrame:
    reader = csv.reader(io.StringIO(piece, newline=""), delimiter=separator, strict=True)
    schema = _empty(columns).schema
    frames, rows = [_empty(columns)], list[tuple]()
    begins = line
    try:
        for record in reader:
            if record and len(record) != columns and any(cell.strip() for cell in record):
                found = f"{len(record)} fields"
                raise Rejected(f"line {begins}", found, f"{columns}, as in the header", remedy)
            if len(record) == columns:
                rows.append((begins, *(cell or None for cell in record)))
            if len(rows) == _ROWS_AT_ONCE:
                frames.append(pl.DataFrame(rows, schema=schema, orient="row"))
                rows.clear()
            begins = line + reader.line_num
    except csv.Error:
        raise Rejected(f"line {begins}", "quotes that do not match", "a table", remedy) from None
    return pl.concat([*frames, pl.DataFrame(rows, schema=schema, orient="row")])


def _typed(rows: pl.DataFrame, positions: dict[str, int], layout: Layout) -> pl.DataFrame:
    """The used columns with their types, of the rows that can be. Raises Rejected for a cell of a wrong form."""
    if all(rows[f"c{i}"].null_count() for i in range(rows.width - len(own(rows)) - 1)):
        rows = rows.filter(pl.any_horizontal(pl.exclude("line", "file").is_not_null()))  # spreadsheets leave such rows
    out = [rows[name] for name in (*own(rows), "line")]
    wrong: list[tuple[int, str, str | None]] = []
    impossible: list[tuple[pl.Series, str, pl.Series]] = []
    for name, cell in layout.used.items():
        if name not in positions:
            out.append(pl.Series(name, [None], dtype=cell.dtype).new_from_index(0, rows.height))
            continue
        cells = rows[f"c{positions[name]}"].alias(name)
        cells = cells if cell.null is None else cells.replace(cell.null, None)
        values = cell.parse(cells).alias(name)
        if _may_have_spaces(cell, cells, values):
            cells = cells.str.strip_chars()
            cells = cells.zip_with(cells != "", pl.Series([None], dtype=pl.String))
            values = cell.parse(cells).alias(name)
        out.append(values)
        if cell.all_good(values, cells):
            continue
        good = values.is_not_null()
        if cell.least is not None:
            good &= values.is_between(cell.least, cell.most).fill_null(False)
        if cell.may_be_empty:
            good |= cells.is_null()
        if not layout.in_line and (beyond := cell.impossible(values, cells)).any():
            impossible.append((beyond, name, cells))
            good |= beyond
        if not good.all():
            at = good.arg_min()
            assert at is not None
            wrong.append((rows["line"][at], name, cells[at]))
    if wrong:
        line, name, found = min(wrong, key=lambda w: w[0])
        raise wrong_cell(line, name, found, layout.used[name].expected, layout.remedy)
    return _without(pl.DataFrame(out), impossible, layout) if impossible else pl.DataFrame(out)


def _without(frame: pl.DataFrame, impossible: list[tuple[pl.Series, str, pl.Series]], layout: Layout) -> pl.DataFrame:
    """The rows that can be. `impossible`: for a column a mask of those that cannot, and its cells; each counts once."""
    gone = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    for beyond, name, cells in impossible:
        if (beyond := beyond & ~gone).any():
            rows, wrong = frame.filter(beyond), cells.filter(beyond)
            fault = wrong_cell(rows["line"][0], name, wrong[0], layout.used[name].expected, layout.remedy)
            set_aside(fault, claimed(rows, wrong))
            gone |= beyond
    return frame.filter(~gone)


def _may_have_spaces(cell: Cell, cells: pl.Series, values: pl.Series) -> bool:
    """Whether there may be spaces around what stands in the cells. Of a few words, each is looked at once."""
    if cell.dtype == pl.Categorical:
        return bool(values.unique().cast(pl.String).str.contains(r"^\s|\s$").any())
    return cell.dtype == pl.String or values.null_count() > cells.null_count()
