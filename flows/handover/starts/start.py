"""A start in Python, in the folder of a hand-over (Parquet or CSV): python start.py, or line by line.

Needs polars, pyarrow, pandas and statsmodels. To go on from it, copy it elsewhere: a folder that somebody worked in is
not replaced by the next hand-over. What each column means: README.md, codebook.csv.
"""

from pathlib import Path

import polars as pl
import statsmodels.formula.api as smf

HERE = Path(__file__).parent


def relation(name: str) -> pl.DataFrame:
    """One relation. Parquet brings its types along; in CSV an empty cell is null, and codes are text."""
    parquet = HERE / f"{name}.parquet"
    if parquet.exists():
        return pl.read_parquet(parquet)
    table = parquet.with_suffix(".csv")
    ids = {column: pl.String for column in pl.read_csv(table, n_rows=0).columns if column.endswith("_id")}  # also 001
    return pl.read_csv(table, try_parse_dates=True, infer_schema_length=None, schema_overrides=ids)


# Every person on every date, from 14 days before the first infusion on, whether or not anything was handed over.
phase = pl.col("phase").cast(pl.String)
days = (
    relation("person_day")
    .filter((phase == "before") | ((phase == "window") & (pl.col("counts").cast(pl.String) == "true")))
    .with_columns(
        period=pl.when(phase == "before").then(pl.lit("before")).otherwise(pl.format("week {}", "week")),
        weekend=pl.col("local_date").cast(pl.Date).dt.weekday() >= 6,
        seen=(pl.col("day_state").cast(pl.String) == "valid") & pl.col("steps").is_not_null(),
    )
)

# First: what was not seen. null is not known, never 0, and those who go quiet may not be those who go on.
share = pl.col("seen").mean().round(2).alias("share")
by_period = days.group_by("period").agg(pl.len().alias("days"), pl.col("seen").sum(), share)
print(by_period.sort(pl.col("period").str.len_chars(), "period"))  # week 10 after week 9

# Then: steps of a day that was seen, by period against the days before; each person has a level of their own.
# It describes: there is no comparison group here, so it says nothing about what the infusion does.
seen = days.filter("seen").select("participant_id", "period", "weekend", "steps").to_pandas()
if seen["participant_id"].nunique() < 2 or seen["period"].nunique() < 2:
    raise SystemExit("too little for a model: it takes days that were seen of two people and of two periods")
model = smf.mixedlm("steps ~ C(period) + weekend", seen, groups="participant_id").fit()
print(model.summary())
print("people:", seen["participant_id"].nunique(), " days:", len(seen))

# Verdicts, week by week, are in relation("goal_week"): those of status met, partly_met and missed can be said.
# A day may lie in the weeks of two infusions where study says overlapping: never add weeks over infusions.
