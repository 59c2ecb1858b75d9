"""Wheels and their checksums for a machine without network: `python -m tests.bundle FOLDER [--for windows] [...]`

Versions and checksums are those of requirements.lock: what is downloaded is compared with them. What comes as source is
built here, so that nothing is built there. The folder's own requirements.txt has the checksums of what lies in it.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).parents[1]
SYSTEMS = {  # what uv calls it, and what its wheels do
    "windows": ("x86_64-pc-windows-msvc", ["win_amd64"]),
    "macos": ("aarch64-apple-darwin", ["macosx_14_0_arm64"]),
    "linux": ("x86_64-manylinux_2_28", [f"manylinux_2_{n}_x86_64" for n in (28, 27, 24, 17, 12, 5)]),
}
INSTALL = """\
stepwindow {version} with every package that it needs, for {system} and Python {python}. Here, without network:

    python -m venv {where}
    {where}/bin/python -m pip install --no-index --find-links . --require-hashes -r requirements.txt

(On Windows {where}\\Scripts\\python.) Then `{where}/bin/stepwindow demo riverside` makes a study to try it on. With uv:

    uv tool install --offline --no-index --find-links . --with-requirements requirements.txt stepwindow
"""


def main(arguments: list[str]) -> int:
    """The command line. An earlier bundle in the folder is replaced."""
    asked = argparse.ArgumentParser("python -m tests.bundle", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--for", dest="system", choices=SYSTEMS, help="another system than this one")
    asked.add_argument("--python", default=f"{sys.version_info[0]}.{sys.version_info[1]}", help="its Python")
    asked.add_argument("--extras", default="all", help="such as letter,fhir (default: all)")
    options = asked.parse_args(arguments)
    out: Path = options.folder
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        locked = Path(scratch) / "requirements.txt"
        _lock(locked, options.system, options.python, options.extras)
        _download(locked, out, options.system, options.python)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out.absolute()], cwd=ROOT, check=True
    )
    listed(out, options.system or sys.platform, options.python)
    return 0


def _lock(locked: Path, system: str | None, python: str, extras: str) -> None:
    """The part of requirements.lock that an installation needs: uv keeps versions and checksums that stand there."""
    shutil.copyfile(ROOT / "requirements.lock", locked)
    words = ["--extra=" + extra for extra in extras.split(",") if extra]
    words += ["--python-platform", SYSTEMS[system][0]] if system else []
    command = [
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--no-annotate",
        "--no-header",
        "--no-emit-index-url",
    ]
    subprocess.run(
        [sys.executable, "-m", *command, "--python-version", python, *words, "--output-file", locked, "pyproject.toml"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _download(locked: Path, out: Path, system: str | None, python: str) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    elsewhere = [f"--platform={tag}" for tag in SYSTEMS[system][1]] + [f"--python-version={python}"] if system else []
    subprocess.run([*pip, "download", "--no-deps", "--require-hashes", *elsewhere, "-d", out, "-r", locked], check=True)
    for source in [path for path in out.iterdir() if path.suffix != ".whl"]:
        subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", out, source], check=True)
        source.unlink()


def listed(out: Path, system: str, python: str) -> None:
    """Write requirements.txt of the wheels that lie there, and how to install them."""
    lines, version = [], ""
    for wheel in sorted(out.glob("*.whl")):
        name, version_of_it, *_ = parse_wheel_filename(wheel.name)
        lines.append(f"{name}=={version_of_it} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
        version = str(version_of_it) if name == "stepwindow" else version
    (out / "requirements.txt").write_text("".join(lines))
    text = INSTALL.format(version=version, system=system, python=python, where="environment")
    (out / "INSTALL.txt").write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
