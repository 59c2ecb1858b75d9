"""Orchestration: the night, the backfill, the command line. The only place that knows Prefect."""
