"""Prefect: how it is set, schedules, a cluster."""
