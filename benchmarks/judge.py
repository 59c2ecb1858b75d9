"""What judging costs: 1,000,000 goal-weeks of 20,000 people, beside one plain GROUP BY over the same daily table.

    .venv/bin/python -m benchmarks.judge [--people 20000]

By the clock, the least of a few in the same process; the floor is a pass over the days, the largest of each column.
Then what a night costs after some of the days were touched. The people do not exist.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from benchmarks.cost import least
from benchmarks.figure import Beside, Figure, tell
from models.store.judge import judge
from models.store.store import Store, open_store

WEEKS = 52
FIRST = date(2025, 1, 6)
AS_OF = FIRST + timedelta(days=7 * WEEKS + 30)
# Days in every state, all metrics known where anything is; a diary entry now and then.
_DAYS = """
    INSERT INTO day BY NAME
    SELECT participant_id, infused_on + number::INTEGER AS local_date, state AS day_state, FALSE AS is_partial,
           1000 + chance % 9000 AS steps, 60000 * (chance % 71) AS walking_ms, 60000 * (chance % 41) AS brisk_ms,
           60000 * (chance % 37) AS moderate_ms, 60000 * (chance % 13) AS vigorous_ms,
           moderate_ms + vigorous_ms AS mvpa_ms, moderate_ms + 2 * vigorous_ms AS mvpa_equivalent_ms,
           60000 * (chance % 53) AS exercise_ms, greatest(walking_ms, exercise_ms) AS movement_ms,
           CASE WHEN chance % 7 = 0 THEN 1200000 END AS yoga_ms, chance % 7 = 0 AS is_logged,
           'fitbit' AS primary_source
    FROM (
        SELECT participant_id, infused_on, number, (hash(participant_id, number) % 1000003)::INTEGER AS chance,
               CASE WHEN chance % 10 < 8 THEN 'valid' WHEN chance % 10 = 8 THEN 'insufficient_wear' ELSE 'no_data' END
                   AS state
        FROM infusion, range(-14, 7 * $weeks + 1) AS days(number)
    )"""
_PLAIN = """
    CREATE OR REPLACE TEMP TABLE plain AS
    SELECT d.participant_id, (d.local_date - i.infused_on + 6) // 7 AS week, count(*) AS days, sum(steps),
           sum(walking_ms), sum(brisk_ms), sum(moderate_ms), sum(vigorous_ms), sum(mvpa_ms),
           sum(mvpa_equivalent_ms), sum(exercise_ms),
           sum(movement_ms), sum(workout_ms), sum(strength_ms), sum(yoga_ms), sum(dance_ms), sum(massage_ms)
    FROM day d JOIN infusion i ON d.participant_id = i.participant_id
    GROUP BY ALL"""


# Days that a night may touch. A day of the baseline concerns all weeks of its person; a day alone, its whole week.
TOUCHED = {
    "1 % of the people": "hash(participant_id) % 100 = 0",
    "1 % of the weeks": f"""local_date > DATE '{FIRST}'
        AND hash(participant_id, (local_date - DATE '{FIRST}' + 6) // 7) % 100 = 0""",
    "everybody's last days": f"local_date > DATE '{FIRST}' + {7 * WEEKS - 4}",
    "1 % of the days, one by one": f"local_date > DATE '{FIRST}' AND hash(participant_id, local_date) % 100 = 0",
}


def figures(people: int = 20_000) -> Iterator[Figure]:
    """Make the study, time all, touch some days, say what a night then does."""
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        store = open_store(Path(folder))
        _fill(store, people)
        yield from measure(store)
        store.close()


def _fill(store: Store, people: int) -> None:
    run = store.con.execute
    run(
        """INSERT INTO study BY NAME SELECT 'benchmark' AS name, 'UTC' AS timezone, 'until_next' AS anchor, ? AS weeks,
               7 AS grace_days, 'scale' AS estimate, 'prorate' AS truncation, FALSE AS clearance, 'iso' AS dates,
               FALSE AS hourly""",
        [WEEKS],
    )
    run(
        f"""INSERT INTO participant BY NAME SELECT 'P' || number AS participant_id, 'UTC' AS timezone,
                TRUE AS foot_step_goals, '' AS zones FROM range({people}) AS p(number)"""
    )
    run(
        """INSERT INTO infusion BY NAME SELECT participant_id || '-1' AS infusion_id, participant_id,
               ?::DATE AS infused_on, 'completed' AS status FROM participant""",
        [FIRST],
    )
    run(
        """INSERT INTO goal BY NAME SELECT participant_id || '-walk' AS goal_id, 1 AS version, participant_id,
               1 AS from_week, $weeks AS to_week, 'weekly_total' AS kind, 'walking_minutes' AS metric,
               [150] AS targets, $first::DATE AS set_on, $first::DATE AS effective_from, FALSE AS correction,
               'active' AS status FROM participant""",
        {"weeks": WEEKS, "first": FIRST},
    )
    run(_DAYS, {"weeks": WEEKS})
    run("CHECKPOINT")


def measure(store: Store) -> Iterator[Figure]:
    by = "by the clock"
    plain = Beside("one GROUP BY over the same days", quickest(lambda: store.con.execute(_PLAIN)))
    floor = Beside(
        "a pass over them", quickest(lambda: store.con.execute("SELECT max(COLUMNS(*)) FROM day").fetchall())
    )
    first = quickest(lambda: night(store), 1)
    weeks = store.rows("SELECT count(*) FROM goal_week_now")[0][0]
    yield Figure(f"judging {weeks:,} goal-weeks the first time", first, plain, floor, by=by)
    again = quickest(lambda: judge(store, AS_OF, "1", "settings", "run"), 2)
    yield Figure("judging all of them again, nothing changed", again, plain, floor, by=by)
    for name, chosen in TOUCHED.items():
        store.con.execute(
            "INSERT INTO unjudged_day (participant_id, local_date) "
            f"SELECT participant_id, local_date FROM day WHERE {chosen}"
        )
        yield Figure(f"judging again after {name}", quickest(lambda: night(store), 1), plain, floor, by=by)


def night(store: Store) -> None:
    judge(store, AS_OF, "1", "settings", "run", only_changed=True)


quickest = partial(least, clock=time.perf_counter)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What judging costs, in units of one GROUP BY.")
    parser.add_argument("--people", type=int, default=20_000)
    tell(figures(parser.parse_args().people))
