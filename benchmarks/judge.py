"""What judging costs: 1,000,000 goal-weeks of 20,000 people, beside one plain GROUP BY over the same daily table.

    .venv/bin/python -m benchmarks.judge [--people 20000]

Prints the judge's time as a ratio to the GROUP BY's, both best of a few in the same process, and the share of the weeks
that a night judges again after 1 % of the days were touched. The people do not exist.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from models.store.judge import judge
from models.store.sql import sql_files
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


def main() -> None:
    """Make the study, time both, touch some days, say what a night then does."""
    parser = argparse.ArgumentParser(description="What judging costs, in units of one GROUP BY.")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        store = open_store(Path(folder))
        _fill(store, arguments.people)
        measure(store, arguments.repeat)
        store.close()


def _fill(store: Store, people: int) -> None:
    run = store.con.execute
    run("INSERT INTO study VALUES ('benchmark', 'UTC', 'until_next', ?, 7, 'scale', 'prorate')", [WEEKS])
    run(f"INSERT INTO participant SELECT 'P' || number, 'UTC', NULL, TRUE, '' FROM range({people}) AS p(number)")
    run(
        "INSERT INTO infusion SELECT participant_id || '-1', participant_id, ?, 'completed', NULL FROM participant",
        [FIRST],
    )
    run(
        """INSERT INTO goal SELECT participant_id || '-walk', 1, participant_id, NULL, 1, $weeks, 'weekly_total',
               'walking_minutes', [150], NULL, NULL, $first, $first, FALSE, 'active' FROM participant""",
        {"weeks": WEEKS, "first": FIRST},
    )
    run(_DAYS, {"weeks": WEEKS})
    run("CHECKPOINT")


def measure(store: Store, repeat: int) -> None:
    """Print the figures."""
    days = store.rows("SELECT count(*) FROM day")[0][0]
    plain = best(repeat, lambda: store.con.execute(_PLAIN))
    store.con.execute("SET VARIABLE as_of = ?::DATE", [AS_OF])
    files = sql_files("week")
    aside = [text for name, text in files if name.endswith("weekly_activity.sql")]
    judging = best(repeat, lambda: [store.con.execute(text) for _, text in files if text not in aside])
    weekly = best(repeat, lambda: [store.con.execute(text) for text in aside])
    weeks = store.rows("SELECT count(*) FROM goal_week_now")[0][0]
    print(f"{days:,} days, {weeks:,} goal-weeks")
    print(f"GROUP BY                {plain:7.2f} s")
    print(f"judging all weeks       {judging:7.2f} s   ratio {judging / plain:.1f}")
    print(f"weekly_activity         {weekly:7.2f} s   ratio {weekly / plain:.1f}")
    first = best(1, lambda: night(store))
    print(f"both, and written down  {first:7.2f} s   ratio {first / plain:.1f}: the first night")
    for name, chosen in TOUCHED.items():
        store.con.execute(
            "INSERT INTO unjudged_day (participant_id, local_date) "
            f"SELECT participant_id, local_date FROM day WHERE {chosen}"
        )
        touched = store.rows("SELECT count(*) FROM unjudged_day")[0][0] / days
        took = best(1, lambda: night(store))
        judged = store.rows("SELECT count(*) FROM goal_week_now")[0][0] / weeks
        print(f"{name}: {touched:.1%} of the days touched, {judged:.1%} of the weeks judged again in {took:.2f} s")


def night(store: Store) -> None:
    judge(store, AS_OF, "1", "settings", "run", only_changed=True)


def best(repeat: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of a few."""
    found = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


if __name__ == "__main__":
    main()
