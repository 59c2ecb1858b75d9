"""Orchestration: the night, the backfill, the command line. The only place that knows Prefect."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it from a checkout; such a Python has to read this file
    sys.exit("stepwindow: needs Python 3.11 or later, and this is " + sys.version.split()[0] + "; take another python")
