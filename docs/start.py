"""A first look at a published study, to go on from: `make notebook WAREHOUSE=path/to/study/warehouse`.

It opens the database that STEPWINDOW_DATABASE names, else that of the sample study, read-only. marimo keeps what the
cells showed beside the notebook, so it shows nothing where others may read its folder: `make notebook` puts a copy of
your own into the warehouse.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import os

    import altair as alt
    import duckdb
    import marimo as mo
    import polars as pl

    folder = mo.notebook_dir()
    is_open = mo.app_meta().mode != "script" and (folder is None or folder.stat().st_mode & 0o077 != 0)
    mo.stop(is_open, mo.md("Others may read this folder, and here the days of people would be kept: `make notebook`."))
    path = os.environ.get("STEPWINDOW_DATABASE", "sample_data/study/warehouse/analytics.duckdb")
    con = duckdb.connect(path, read_only=True)
    return alt, con, mo, path, pl


@app.cell
def _(con, mo, path, pl):
    relations = pl.DataFrame(
        con.sql(
            "SELECT table_name AS relation, estimated_size AS rows, comment AS holds FROM duckdb_tables() ORDER BY 1"
        )
    )
    mo.vstack(
        [
            mo.md(f"# What is known\n`{path}`. NULL is not known, 0 is known to be none. Every column has a comment."),
            mo.ui.table(relations, selection=None, page_size=20),
        ]
    )
    return (relations,)


@app.cell
def _(alt, con, mo, pl):
    days = pl.DataFrame(con.sql("SELECT participant_id, local_date, steps, day_state FROM daily_activity"))
    infusions = pl.DataFrame(
        con.sql("SELECT participant_id, infused_on FROM infusion WHERE status IN ('completed', 'stopped_early')")
    )
    # a day that was not seen has no mark: missing, not low
    marks = (
        alt.Chart(days)
        .mark_circle(size=18)
        .encode(
            x=alt.X("local_date:T", title=None),
            y=alt.Y("steps:Q", title="steps"),
            color=alt.Color("day_state:N", title="day"),
            tooltip=["participant_id", "local_date", "steps", "day_state"],
        )
    )
    rules = alt.Chart(infusions).mark_rule(strokeDash=[3, 3]).encode(x="infused_on:T")
    panels = [
        alt.layer(
            marks.transform_filter(alt.datum.participant_id == who),
            rules.transform_filter(alt.datum.participant_id == who),
        ).properties(title=who, width=600, height=90)
        for who in days["participant_id"].unique().sort()[:12]
    ]
    steps_chart = alt.vconcat(*panels)
    mo.vstack([mo.md("## Steps a day\nInfusions are dashed lines. At most twelve people."), steps_chart])
    return days, steps_chart


@app.cell
def _(alt, con, mo, pl):
    verdicts = pl.DataFrame(
        con.sql(
            """SELECT week, status, count(*) AS goals, sum(valid_days)::INTEGER AS valid_days,
                  sum(eligible_days)::INTEGER AS eligible_days
           FROM goal_week WHERE status <> 'superseded' GROUP BY ALL ORDER BY ALL"""
        )
    )
    verdict_chart = (
        alt.Chart(verdicts)
        .mark_bar()
        .encode(
            x=alt.X("week:O", title="post-infusion week"),
            y=alt.Y("goals:Q", title="goals"),
            color=alt.Color("status:N", title="verdict"),
            tooltip=["week", "status", "goals", "valid_days", "eligible_days"],
        )
        .properties(width=400, height=220)
    )
    mo.vstack([mo.md("## Verdicts by week\nWhat cannot be said is a colour of its own."), verdict_chart])
    return verdict_chart, verdicts


@app.cell
def _(alt, con, mo, pl):
    walking = pl.DataFrame(
        con.sql(
            """SELECT w.day_number, avg(d.walking_minutes) AS walking_minutes_mean,
                  count(d.walking_minutes) AS walking_minutes_mean_days
           FROM infusion_window w JOIN daily_activity d USING (participant_id, local_date)
           WHERE w.is_eligible AND d.day_state = 'valid' GROUP BY w.day_number ORDER BY w.day_number"""
        )
    )
    walking_chart = (
        alt.Chart(walking)
        .mark_line(point=True)
        .encode(
            x=alt.X("day_number:Q", title="day after an infusion"),
            y=alt.Y("walking_minutes_mean:Q", title="walking, minutes a day (mean of valid days)"),
            tooltip=["day_number", "walking_minutes_mean", "walking_minutes_mean_days"],
        )
        .properties(width=600, height=220)
    )
    mo.vstack(
        [
            mo.md("## Walking after infusions\nOther people stand behind every day: no course of anybody, no effect."),
            walking_chart,
            walking,
        ]
    )
    return walking, walking_chart


if __name__ == "__main__":
    app.run()
