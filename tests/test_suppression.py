"""Small cells: nothing hidden in a table of counts can be worked out from what is shown."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from models.store.suppression import ALL, Cell, bounds, hidden

Table = dict[Cell, int]


def with_totals(inner: list[list[int]]) -> Table:
    rows, columns = [f"r{n}" for n in range(len(inner))], [f"c{n}" for n in range(len(inner[0]))]
    table = {(r, c): inner[i][j] for i, r in enumerate(rows) for j, c in enumerate(columns)}
    table |= {(r, ALL): sum(inner[i]) for i, r in enumerate(rows)}
    table |= {(ALL, c): sum(line[j] for line in inner) for j, c in enumerate(columns)}
    return table | {(ALL, ALL): sum(map(sum, inner))}


def tables(rows: int, columns: int, most: int) -> st.SearchStrategy[Table]:
    line = st.lists(st.integers(0, most), min_size=columns, max_size=columns)
    return st.lists(line, min_size=rows, max_size=rows).map(with_totals)


def candidates(table: Table, out: set[Cell], cell: Cell, k: int) -> set[int]:
    """Every value that a hidden cell has in some table that shows the same: by trying all of them."""
    rows = sorted({r for r, _ in table} - {ALL})
    columns = sorted({c for _, c in table} - {ALL})
    inner = [(r, c) for r in rows for c in columns]
    ranges = [range(1, table[c] + k + 1) if c in out else [table[c]] for c in inner]
    found = set()
    for values in product(*ranges):
        given_values = dict(zip(inner, values, strict=True))
        whole = with_totals([[given_values[r, c] for c in columns] for r in rows])
        if all(whole[c] == table[c] if c not in out else whole[c] >= 1 for c in table):
            found.add(whole[cell])
    return found


@given(tables(2, 2, 6), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_a_hidden_small_cell_could_be_any_of_at_least_k_numbers(table: Table, k: int) -> None:
    out = hidden(table, table, k)
    for cell, count in table.items():
        if 0 < count < k:
            assert cell in out
            found = candidates(table, out, cell, k)
            assert len(found) >= k
            least, greatest = bounds(table, out, cell, k)
            assert {n for n in found if n <= greatest} == set(range(least, greatest + 1))


@given(tables(4, 5, 30), st.integers(2, 11))
@settings(max_examples=60, deadline=None)
def test_no_hidden_cell_follows_from_the_totals_by_arithmetic(table: Table, k: int) -> None:
    out = sorted(hidden(table, table, k))
    small = {cell for cell, count in table.items() if 0 < count < k}
    assert small.isdisjoint(solved(table, out))
    assert all(table[cell] for cell in out)  # zeros are shown


@given(tables(3, 4, 40))
@settings(max_examples=30, deadline=None)
def test_a_table_without_small_cells_is_shown_whole(table: Table) -> None:
    large = {cell: count + 11 for cell, count in table.items()}
    assert hidden(large, large, 11) == set()


def solved(table: Table, out: list[Cell]) -> set[Cell]:
    """The hidden cells that the sums of rows and columns determine: linear algebra in exact numbers."""
    lines = []
    for kind, names in ((0, {r for r, _ in table}), (1, {c for _, c in table})):
        for name in names:
            sums = {cell: 1 for cell in table if cell[kind] == name and cell[1 - kind] != ALL}
            total = (name, ALL) if kind == 0 else (ALL, name)
            lines.append([Fraction((cell in sums) - (cell == total)) for cell in out])
    done = 0
    for column in range(len(out)):
        pivot = next((n for n in range(done, len(lines)) if lines[n][column]), None)
        if pivot is None:
            continue
        lines[done], lines[pivot] = lines[pivot], lines[done]
        lines[done] = [x / lines[done][column] for x in lines[done]]
        for n, line in enumerate(lines):
            if n != done and line[column]:
                lines[n] = [x - line[column] * y for x, y in zip(line, lines[done], strict=True)]
        done += 1
    return {out[line.index(1)] for line in lines[:done] if sum(1 for x in line if x) == 1}
