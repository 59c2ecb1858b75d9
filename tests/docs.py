"""The pages of docs/ that are made: `python -m tests.docs` writes them, a test holds them against their sources.

docs/dictionary.md is made from the comments of the published database, docs/questions.md from the worked questions and
what they answer on the sample study after two nights.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from flows.handover.dictionary import page
from models.store.analytics import questions, relations
from models.store.ask import ask
from tests.studies import sample_after_two_nights

DOCS = Path(__file__).parents[1] / "docs"
_DICTIONARY = """# Data dictionary

What `analytics.duckdb` holds, made from the comments inside it (`python -m tests.docs`). NULL is not known, 0 is known
to be none. Bold columns are the key. Minutes are decimal, dates local to the person, times UTC. How each number is
made: [rules.md](rules.md).

Wherever they stand, `participant_id` refers to `participant`, `infusion_id` to `infusion`, `goal_id` with `version` to
`goal`, `session_id` to `session`, `run_id` to `run`. What stays when its goal, infusion or session is gone
(`goal_week_history`, `post_lock_difference`, `source_file`, `rejection`) may refer to nothing.

"""
_QUESTIONS = """# Twenty-five worked questions

Each runs with `stepwindow query --question NAME`, and in any client as it stands here. The answers are those of the
sample study (six people who do not exist) after two nights: as of 2026-03-17, when two files of P05 had not come yet,
and as of 2026-03-23. Made by `python -m tests.docs`; that they are right is tested apart, computed in another way.

In R: `dbGetQuery(dbConnect(duckdb::duckdb(), "analytics.duckdb", read_only = TRUE), sql)`; in Python:
`polars.DataFrame(duckdb.connect("analytics.duckdb", read_only=True).sql(sql))`. Over a Parquet hand-over the answers
are the same, after a `CREATE VIEW study AS FROM 'study.parquet'` for each file. Counts of days prove nothing: none of
these answers says that an infusion, or a goal, does good.

"""


def pages(warehouse: Path) -> dict[str, str]:
    """The made pages by file name, as they have to be."""
    asked = []
    for question in questions().values():
        columns, rows = ask(warehouse, question.sql)
        shown = [columns, ["---"] * len(columns), *rows[:8]]
        table = "\n".join("| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |" for row in shown)
        rest = f"\n\n({len(rows) - 8} more rows)" if len(rows) > 8 else ""
        asked.append(
            f"## {question.words}\n\n`{question.name}`. {question.reading}\n\n"
            f"```sql\n{question.sql}\n```\n\n{table}{rest}\n"
        )
    return {
        "dictionary.md": _DICTIONARY + page(relations(warehouse)),
        "questions.md": _QUESTIONS + "\n".join(asked),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages(sample_after_two_nights(Path(folder) / "study").folder / "warehouse").items():
            (DOCS / name).write_text(text)
