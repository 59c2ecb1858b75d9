"""Opening database files: the one place that knows the key, and where what does not fit into memory goes."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import duckdb

from models.fault import StudyError
from models.store.key import key_of
from models.system.children import is_running
from models.taxonomy import DEVICE_CLASSES, INFUSED, LOGGED_METRICS, METRICS, WALKS, WEARABLES, WORKOUTS
from models.version import RULES_VERSION, SCHEMA_VERSION

# Bytes that DuckDB holds of what was read and made before whoever writes a store puts some of it on the disk.
MEMORY = 800_000_000

_GIVEN_BACK = "4MB"  # what is freed goes back to the system from so much on: stages of a night differ in what they need

_NUMBER = itertools.count()
FOR_CLIENTS = "v1.0.0"  # the oldest form that this DuckDB writes: analysts' clients may be older than ours


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database file of a warehouse as the default catalog, `store`, with the warehouse's key where it has one.

    StudyError where the key is missing, wrong, or of no use to this DuckDB; duckdb.IOException where another process
    holds the file, or it is no database.
    """
    key = key_of(path.parent)
    con = duckdb.connect(":memory:")
    try:
        settle(con, path.parent, key)
        attach(con, path, "store", key, read_only=read_only)
        con.execute("USE store")
    except BaseException:
        con.close()
        raise
    return con


def settle(con: duckdb.DuckDBPyConnection, warehouse: Path, key: str | None) -> None:
    """Settings of every connection: UTC, no bar, nothing fetched, and what does not fit into memory stays at home."""
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    con.execute("SET autoinstall_known_extensions = false")
    for freed in ("allocator_flush_threshold", "allocator_bulk_deallocation_flush_threshold"):
        con.execute(f"SET {freed} = '{_GIVEN_BACK}'")
    if duckdb.__version__ < "2":  # it hands frames to pyarrow, where that is: it lacks such filters, and warns of each
        con.execute("SET disabled_optimizers = 'join_filter_pushdown'")
        os.environ.setdefault("ACERO_ALIGNMENT_HANDLING", "reallocate")
    spill = warehouse / "spill"
    with contextlib.suppress(OSError):  # a warehouse that may only be read: then nothing is spilled either
        spill.mkdir(mode=0o700, exist_ok=True)
    con.execute("SET temp_directory = ?", [str(spill / f"{os.getpid()}-{next(_NUMBER)}")])
    if key:
        con.execute("SET temp_file_encryption = true")
        load_crypto(con)
    define_vocabulary(con)


def define_vocabulary(con: duckdb.DuckDBPyConnection) -> None:
    """The words of the product as macros, so that no SQL of it repeats a list."""
    for statement in vocabulary():
        con.execute(statement)


def vocabulary() -> list[str]:
    """The lists of models/taxonomy.py; the versions of models/version.py; and what is packed alone: the file in a .gz
    lies where that lies (as connectors/kit/bundle.py says), those in an archive in the archive."""
    lists = {"metrics": METRICS, "device_classes": DEVICE_CLASSES}
    sets = {"is_logged_metric": LOGGED_METRICS, "is_walk": WALKS, "is_workout": WORKOUTS, "is_wearable": WEARABLES,
            "has_happened": INFUSED}  # fmt: skip
    macros = {
        "is_packed_alone(path)": "path ILIKE '%.gz' AND path NOT ILIKE '%.tar.gz'",
        "rules_version()": f"'{RULES_VERSION}'",
        "schema_version()": f"'{SCHEMA_VERSION}'",
        **{f"{name}()": f"{list(words)}" for name, words in lists.items()},
        **{f"{name}(word)": f"word IN {words}" for name, words in sets.items()},
    }
    return [f"CREATE OR REPLACE TEMP MACRO {name} AS {what}" for name, what in macros.items()]


def attach(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    key: str | None,
    *,
    read_only: bool = False,
    form: str = "v1.5.0",
) -> None:
    """Attach a database file under a name. A new file is written in `form`, an older one than DuckDB's newest.

    So older DuckDBs (analysts' clients, an installation that encrypts) can read what a newer one wrote.
    """
    options = ["ENCRYPTION_KEY $key"] * bool(key) + ["READ_ONLY"] * read_only
    if not path.exists():  # an encrypted file cannot be written in a form older than encryption
        options.append(f"STORAGE_VERSION '{'v1.5.0' if key else form}'")
    try:
        con.execute(
            f"ATTACH '{quoted(path)}' AS {name} " + (f"({', '.join(options)})" if options else ""),
            {"key": key} if key else None,
        )
    except duckdb.Error as error:
        if trouble := _key_trouble(str(error)):
            raise StudyError(f"{path.name}: {trouble}") from None
        raise


def reach(con: duckdb.DuckDBPyConnection, address: str) -> None:
    """Let a connection read what lies at an address, by fsspec: DuckDB itself would fetch an extension for it."""
    protocol, is_address, _ = address.partition("://")
    if is_address:
        import fsspec  # of the few who keep something elsewhere

        con.register_filesystem(fsspec.filesystem(protocol))


def quoted(path: Path) -> str:
    """A path as it stands between the quotes of a SQL text: older DuckDBs take no parameter there."""
    return str(path).replace("'", "''")


def _key_trouble(error: str) -> str | None:
    if "without a key" in error:
        return "it is encrypted; set STEPWINDOW_KEY_FILE to the file that holds its key"
    if "Wrong encryption key" in error:
        return "encrypted with another key than the one given; give the key it was made with"
    if "is not encrypted" in error:
        return "a key is given, but this file is not encrypted; `stepwindow nightly` encrypts the databases"
    if "crypto module" in error:
        return (
            f"a key is given, but the crypto module of DuckDB {duckdb.__version__} is not installed and nothing can be "
            "written encrypted; install it (docs/privacy.md says how), or take the key away and keep the warehouse on "
            "an encrypted volume"
        )
    return None


def load_crypto(con: duckdb.DuckDBPyConnection) -> None:
    """Load DuckDB's crypto module, from its Python package or where DuckDB keeps its own; without it, only read."""
    package = find_spec("duckdb_extension_httpfs")
    inside = f"extensions/v{duckdb.__version__}/httpfs.duckdb_extension"
    file = Path((package.submodule_search_locations or [""])[0], inside) if package else None
    with contextlib.suppress(duckdb.Error):
        con.execute(f"LOAD '{quoted(file)}'" if file and file.exists() else "LOAD httpfs")


def is_plain(path: Path) -> bool:
    """A DuckDB file that anybody can read who has it."""
    with path.open("rb") as file:
        head = file.read(24)
    return head[8:12] == b"DUCK" and head[20] & 1 == 0


def clear_spill(warehouse: Path) -> None:
    """Delete what killed processes had spilled."""
    for folder in (warehouse / "spill").glob("*-*"):
        named = re.fullmatch(r"(\d+)-\d+", folder.name)  # as `settle` names them
        if named and not is_running(int(named[1])):
            shutil.rmtree(folder, ignore_errors=True)
