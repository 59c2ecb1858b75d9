"""Small cells: which numbers of a table of counts must not be shown, so that none of them can be worked out (R15.5).

A two-way table with its totals is a circulation: total -> row -> column -> total. What somebody who knows every shown
number can say of a hidden one is how far it can be raised or lowered along hidden arcs alone: a maximal flow, exact.
Zeros are shown, so whoever sees the table knows that a hidden number is at least 1.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

ALL = "all"
Cell = tuple[str, str]  # row, column; ALL: the total over it
Node = tuple[str, str]
_ROWS: Node = ("total", "rows")
_COLUMNS: Node = ("total", "columns")


def hidden(counts: Mapping[Cell, int], people: Mapping[Cell, int], k: int) -> set[Cell]:
    """The cells that are not shown: those of 1 to k-1 people, and as many others as it takes.

    `counts` and `people` hold every cell and every total (ALL). Each cell of too few people could then, for all that is
    shown, be any of at least k numbers.
    """
    small = [cell for cell, n in sorted(people.items()) if 0 < n < k]
    out = set(small)
    for cell in small:
        while also := _widen(counts, out, cell, k):  # at the latest until nothing is shown
            out |= also
    return out


def hidden_in_row(counts: Mapping[str, int], people: Mapping[str, int], k: int) -> set[str]:
    """The same of a single row of numbers and its total (ALL): a table whose totals over rows are the row itself."""

    def twice(of: Mapping[str, int]) -> dict[Cell, int]:
        return {(row, name): n for row in ("row", ALL) for name, n in of.items()}

    return {name for row, name in hidden(twice(counts), twice(people), k) if row != ALL}


def bounds(counts: Mapping[Cell, int], out: set[Cell], cell: Cell, most: int) -> tuple[int, int]:
    """The least and the greatest that a hidden cell can be, given what is shown; looked for up to `most` away."""
    tail, head = _arc(cell)
    down, _ = _flow(counts, out - {cell}, tail, head, min(most, counts[cell] - 1))
    up, _ = _flow(counts, out - {cell}, head, tail, most)
    return counts[cell] - down, counts[cell] + up


def _widen(counts: Mapping[Cell, int], out: set[Cell], cell: Cell, k: int) -> set[Cell] | None:
    """The cheapest further cells to hide so that this one can be more numbers; None where it can be k already."""
    least, greatest = bounds(counts, out, cell, k)
    if greatest - least + 1 >= k:
        return None
    tail, head = _arc(cell)
    _, spare = _flow(counts, out - {cell}, head, tail, k)
    return _cheapest(counts, out, spare, head, tail) or {c for c, n in counts.items() if n} - out


def _arc(cell: Cell) -> tuple[Node, Node]:
    row, column = cell
    tail = _ROWS if row != ALL and column == ALL else ("column", column) if row == ALL else ("row", row)
    head = _COLUMNS if row == ALL else ("row", row) if column == ALL else ("column", column)
    return (_COLUMNS, _ROWS) if (row, column) == (ALL, ALL) else (tail, head)


def _flow(
    counts: Mapping[Cell, int], out: set[Cell], source: Node, sink: Node, most: int
) -> tuple[int, dict[tuple[Node, Node], int]]:
    """A maximal flow over hidden cells, at most `most`, and what capacity it leaves."""
    spare: dict[tuple[Node, Node], int] = {}
    for cell in out:
        tail, head = _arc(cell)
        spare[tail, head], spare[head, tail] = most, counts[cell] - 1
    flow = 0
    while flow < most and (path := _path(spare, source, sink)):
        step = min(most - flow, *(spare[pair] for pair in path))
        for tail, head in path:
            spare[tail, head] -= step
            spare[head, tail] += step
        flow += step
    return flow, spare


def _path(spare: dict[tuple[Node, Node], int], source: Node, sink: Node) -> list[tuple[Node, Node]]:
    came: dict[Node, Node] = {source: source}
    queue = [source]
    for node in queue:
        for (tail, head), room in spare.items():
            if tail == node and room > 0 and head not in came:
                came[head] = node
                queue.append(head)
    return list(_back(came, source, sink)) if sink in came else []


def _cheapest(
    counts: Mapping[Cell, int], out: set[Cell], spare: dict[tuple[Node, Node], int], source: Node, sink: Node
) -> set[Cell]:
    """The shown cells on the way that costs least (the sum of what is no longer shown)."""
    ways: dict[tuple[Node, Node], tuple[int, Cell | None]] = {pair: (0, None) for pair, n in spare.items() if n > 0}
    for shown, count in counts.items():
        if shown not in out and count:
            tail, head = _arc(shown)
            ways[tail, head] = count, shown
            if count > 1:
                ways[head, tail] = count, shown
    cost, came, queue = {source: 0}, {source: source}, [(0, source)]
    while queue:
        so_far, node = heapq.heappop(queue)
        for (tail, head), (price, _) in ways.items():
            if tail == node and so_far + price < cost.get(head, so_far + price + 1):
                cost[head], came[head] = so_far + price, node
                heapq.heappush(queue, (so_far + price, head))
    steps = _back(came, source, sink) if sink in came else ()
    return {cell for pair in steps if (cell := ways[pair][1])}


def _back(came: dict[Node, Node], source: Node, sink: Node) -> Iterator[tuple[Node, Node]]:
    while sink != source:
        yield came[sink], sink
        sink = came[sink]
