"""The scripts of the report are files of the product; here they are held against what makes them."""

from __future__ import annotations

import re

import vl_convert

from flows.report.site import SCRIPTS
from tests.charts import scripts


def test_the_scripts_are_what_is_made_now_and_nothing_else_lies_there() -> None:
    made = scripts()
    for name, text in made.items():
        is_same = (SCRIPTS / name).read_text(encoding="utf-8") == text  # two megabytes of difference help nobody
        assert is_same, f"flows/report/scripts/{name}: write it again with python -m tests.charts"
    assert {path.name for path in SCRIPTS.iterdir()} == {"LICENSES.txt", *made}


def test_their_notices_are_those_of_the_versions_that_are_in_them() -> None:
    notices = (SCRIPTS / "LICENSES.txt").read_text(encoding="utf-8")
    embed, lite = vl_convert.get_vega_embed_version(), vl_convert.get_vegalite_versions()[-1]
    for name, version in ("vega", vl_convert.get_vega_version()), ("vega-lite", lite), ("vega-embed", embed):
        named = re.search(rf"\b{name} {re.escape(version)}\b", notices)
        assert named, f"{name} {version} is not in LICENSES.txt: bring it up to date from the packages of that version"
