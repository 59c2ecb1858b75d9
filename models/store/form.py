"""The form of the published database: its empty relations, the views over them, and what its codes mean."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from functools import cache

from models.codes import code_rows, in_comments
from models.store.connect import vocabulary
from models.store.sql import sql_files
from models.store.store import Store

_COMMENT = re.compile(r"(?<=^COMMENT ON COLUMN out\.)(\w+\.\w+)( IS '.*)\{(codes|names)\}(?=.*;$)", re.MULTILINE)


@cache
def statements() -> str:
    """The statements that make the relations, with the codes of a column where its comment names them."""
    said = {column: {"codes": meanings, "names": names} for column, meanings, names in in_comments()}

    def with_codes(found: re.Match) -> str:
        return found[1] + found[2] + said[found[1]][found[3]].replace("'", "''")

    return _COMMENT.sub(with_codes, "".join(text for _, text in sql_files("publish/form")))


@cache
def views() -> str:
    """The statements that make the views. They name the relations without a schema, as a client does."""
    return "".join(text for _, text in sql_files("publish/view"))


@cache
def fingerprint() -> str:
    """What a published file does not share that was made in another way: with other relations, by other questions, or
    from a store that was brought to another form since."""
    asked = [sql_files(folder) for folder in ("publish", "publish/rows", "publish/noted", "migrations")]
    return hashlib.sha256(f"{statements()}{views()}{code_rows()}{asked}{vocabulary()}".encode()).hexdigest()


def make(store: Store) -> None:
    """The relations in the draft, empty but for the codes, and the views."""
    columns = [list(column) for column in zip(*code_rows(), strict=True)]
    with store.transaction():
        store.con.execute(statements())
        store.con.execute("INSERT INTO out.code SELECT unnest(?), unnest(?), unnest(?), unnest(?)", columns)
    with closing(store.con.cursor()) as con:  # of its own: a view never takes a temporary relation for a published one
        con.execute("USE out")
        con.execute(views())
