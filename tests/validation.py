"""docs/validation.md: each numbered rule with what follows it in the code, the tests that prove it, what came of them.

`python -m tests.validation run` (`make validation`) runs these tests, keeps what came of them in tests/proved.csv and
writes the page; without `run` only the page is written. Which test proves what is said in tests/proofs.toml.
"""

from __future__ import annotations

import csv
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from flows.version import in_full

ROOT = Path(__file__).parents[1]
PAGE, PROOFS, PROVED = ROOT / "docs/validation.md", ROOT / "tests/proofs.toml", ROOT / "tests/proved.csv"
RULE = re.compile(r"^\*\*(R\d+\.\d+)\*\* (.+?)(?=\n\n)", re.MULTILINE | re.DOTALL)
MOST = 5  # modules that are named of a rule
_HEAD = """# Requirements, rules, tests, results

For whoever has to show that the program does what was asked of it. The requirement is the rule, in full in
[rules.md](rules.md); the code that follows a rule cites its number; the tests fail when the product does otherwise.
Made by `python -m tests.validation`; a test holds this page against the rules, the code and the tests there are.

The results below are of one machine. Yours count where you run it: `make validation` runs the tests of this table and
writes the page anew, with your results, version and system. It takes ten minutes of a processor, needs no network and
touches no study. What no test can show (that a device counted well, that a vendor's export is complete) is in
[accuracy.md](accuracy.md).

"""


def rules() -> dict[str, list[tuple[str, str]]]:
    """Number and first sentence of each rule, by the title of its section."""
    sections = re.split(r"^## (?=\d+ )", (ROOT / "docs/rules.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        section.partition("\n")[0]: [(number, _first_sentence(text)) for number, text in RULE.findall(section + "\n\n")]
        for section in sections
    }


def _first_sentence(text: str) -> str:
    words = " ".join(text.split())
    return (re.match(r".{20,}?[.:](?= [A-Z`0-9*]|$)", words) or [words])[0].replace("|", "\\|").rstrip(":")


def proofs() -> dict[str, list[tuple[str, str]] | str]:
    """The tests of each rule as (module, test), or why it has none."""
    told = tomllib.loads(PROOFS.read_text("utf-8"))
    return {
        rule: lines if isinstance(lines, str) else [tuple(line.split(": ")) for line in lines]  # type: ignore[misc]
        for rule, lines in told.items()
    }


def proved() -> tuple[str, dict[tuple[str, str], str]]:
    """Of which version and system the results are; and of each test in how many cases it ended how."""
    (where,), *rows = csv.reader(PROVED.read_text("utf-8").splitlines())
    return where, {(module, test): result for module, test, result in rows}


def followers() -> dict[str, list[str]]:
    """Modules and relations that cite each rule."""
    cited: dict[str, list[str]] = {}
    for room in ("models", "connectors", "flows"):
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".py", ".sql"):
                for number in set(re.findall(r"\bR\d+\.\d+\b", path.read_text(encoding="utf-8"))):
                    cited.setdefault(number, []).append(path.relative_to(ROOT).as_posix())
    return cited


def page() -> str:
    """docs/validation.md as it has to be."""
    tests, cited, (where, results) = proofs(), followers(), proved()
    without = [rule for rule, lines in tests.items() if isinstance(lines, str)]
    counts = Counter(result for result in results.values() if "passed" not in result)
    parts = [
        _HEAD,
        f"Results: {where}.\n\n{len(tests)} rules, {len(tests) - len(without)} of them with tests; {len(results)} "
        f"tests, {len(results) - counts.total()} passed. Without a test: {', '.join(without) or 'none'}.\n",
    ]
    for title, of_section in rules().items():
        parts.append(
            f"\n## {title}\n\n| rule | requirement | followed in | proved by | result |\n|---|---|---|---|---|\n"
        )
        for number, words in of_section:
            lines = tests[number]
            if isinstance(lines, str):
                proof, result = f"no test: {lines}", ""
            else:
                proof = "<br>".join(f"`test_{module}`: {name.replace('_', ' ')}" for module, name in lines)
                result = "<br>".join(results.get(line, "not run") for line in lines)
            parts.append(f"| {number} | {words} | {_places(cited.get(number, []))} | {proof} | {result} |\n")
    return "".join(parts)


def _places(found: list[str]) -> str:
    shown = [f"`{path}`" for path in found[:MOST]] + [f"and {len(found) - MOST} more"] * (len(found) > MOST)
    return "<br>".join(shown) or "the tests alone"


def run() -> int:
    """Run every test that is named, and keep what came of it."""
    named = sorted({line for lines in proofs().values() if not isinstance(lines, str) for line in lines})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        ids = [f"tests/test_{module}.py::test_{name}" for module, name in named]
        ended = subprocess.run([sys.executable, "-m", "pytest", f"--junit-xml={report}", *ids], cwd=ROOT, check=False)
        results = {line: Counter[str]() for line in named}
        for case in ElementTree.parse(report).iter("testcase"):
            module, test = case.get("classname", "").rpartition("test_")[2], case.get("name", "").partition("[")[0]
            kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
            results[module, test.removeprefix("test_")][min(kinds, default="passed")] += 1
    where = f"version {in_full()}; {platform.python_implementation()} {platform.python_version()}, {platform.system()}"
    with PROVED.open("w", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow([f"{where} {platform.machine()}; {datetime.now(UTC):%Y-%m-%d}"])
        lines.writerows([*line, _told(results[line])] for line in named)
    return ended.returncode


def _told(kinds: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "not run"


def main(words: list[str]) -> int:
    """Write the page, after running the tests where that is asked for."""
    code = run() if words == ["run"] else 0
    PAGE.write_text(page(), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
