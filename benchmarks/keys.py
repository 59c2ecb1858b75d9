"""What it costs to publish many days, and what a declared key would add: `python -m benchmarks.keys [PEOPLE]`.

5,000 people of 400 days each unless said. Printed is the CPU time of publishing daily_activity as it is declared, and
with a primary key, as ratios to that of a bare copy of the same rows (CREATE TABLE AS), with the sizes of the files;
each the smaller of two. The people do not exist.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from models.store.sql import sql_files
from models.store.store import Store, open_store

_DAYS = """
    INSERT INTO day BY NAME
    SELECT 'P' || lpad(who::TEXT, 5, '0') AS participant_id, DATE '2025-01-01' + n::INTEGER AS local_date,
           if(chance % 9 = 0, 'no_data', 'valid') AS day_state, FALSE AS is_partial, chance % 9000 AS steps,
           60000 * (chance % 71) AS walking_ms, 'cadence' AS walking_method, 60000 * (chance % 41) AS brisk_ms,
           60000 * (chance % 37) AS moderate_ms, 60000 * (chance % 13) AS vigorous_ms,
           moderate_ms + vigorous_ms AS mvpa_ms, moderate_ms + 2 * vigorous_ms AS mvpa_equivalent_ms,
           'device' AS intensity_method, mvpa_ms AS exercise_ms, 'device' AS exercise_method,
           greatest(walking_ms, mvpa_ms) AS movement_ms, 60000 * (600 + chance % 700) AS wear_ms, 'hr' AS wear_method,
           86400000 AS day_ms, 'fitbit' AS primary_source, 'fitbit' AS sources
    FROM (SELECT *, (hash(who, n) % 1000003)::INTEGER AS chance FROM range($people) AS p(who), range(400) AS d(n))"""


def main(people: int) -> None:
    """Make the days, publish them in three ways."""
    macro, declared = (next(t for n, t in sql_files("publish") if n.startswith(start)) for start in ("001", "010"))
    query = declared[declared.index("SELECT d.") : declared.index("COMMENT ON TABLE")]
    keyed = declared.replace("flags VARCHAR\n", "flags VARCHAR,\n    PRIMARY KEY (participant_id, local_date)\n")
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        store = open_store(Path(folder))
        store.con.execute(_DAYS, {"people": people})
        store.con.execute("INSERT INTO participant (participant_id) SELECT DISTINCT participant_id FROM day")
        store.con.execute(macro)
        ways = {
            "bare copy": f"CREATE TABLE out.daily_activity AS {query}",
            "as declared": declared,
            "with a key": keyed,
        }
        took = {name: min(_publish(store, folder, name, sql) for _ in range(2)) for name, sql in ways.items()}
        for name, seconds in took.items():
            size = (Path(folder) / f"{name}.duckdb").stat().st_size / 1e6
            print(f"{name:12} ratio {seconds / took['bare copy']:4.1f}   {size:6.0f} MB   {400 * people:,} days")
        store.close()


def _publish(store: Store, folder: str, name: str, sql: str) -> float:
    path = Path(folder) / f"{name}.duckdb"
    path.unlink(missing_ok=True)
    began = time.process_time()
    store.con.execute(f"ATTACH '{path}' AS out (STORAGE_VERSION 'v1.5.0')")
    store.con.execute(sql)
    store.con.execute("CHECKPOINT out")
    store.con.execute("DETACH out")
    return time.process_time() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
