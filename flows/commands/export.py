"""Hand the published database over: Parquet, CSV, or FHIR R4 bundles."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from flows.commands import CLEAN, with_study


def arguments(parser: argparse.ArgumentParser) -> None:
    """In which form, and where to."""
    with_study(parser)
    parser.add_argument("--format", choices=("parquet", "csv", "fhir"), required=True, help="what is written")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder, or that of an earlier hand-over")


def call(arguments: argparse.Namespace) -> int:
    """The whole folder, or nothing of it."""
    from flows.export import bundles, tables
    from flows.export.folder import handed_over
    from flows.road import CODE_VERSION
    from models.store import open_store
    from models.store_audit import record
    from models.study import read_study

    study = read_study(arguments.study)
    with handed_over(arguments.out, study) as folder:
        if arguments.format == "fhir":
            said = bundles.write(study, folder)
        else:
            said = tables.write(study, folder, arguments.format)
        store = open_store(study.warehouse, "export")
        try:
            record(store, "export", arguments.format, CODE_VERSION, people=len(study.participants))
        finally:
            store.close()
    if arguments.json:
        print(json.dumps({"out": str(arguments.out), "format": arguments.format, "wrote": said}, indent=2))
    else:
        print(f"{arguments.out}: {said}. It holds health data: hand it over as such.")
    return CLEAN
