"""stepwindow as notebooks and other programs have it: what is published as frames, a night, what a file would yield.

    import stepwindow
    stepwindow.nightly("riverside")
    stepwindow.goals("riverside")

docs/python.md shows each name. What a reader in a package of its own is made of is `stepwindow.kit`, what it is tried
with is `stepwindow.testing`. The rooms `flows`, `connectors` and `models` are how it is done, and change as they like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwindow import rooms

__all__ = ["StoreError", "StudyError", "connect", "days", "goals", "identify", "nightly"]

if TYPE_CHECKING:
    from stepwindow.study import StoreError as StoreError
    from stepwindow.study import StudyError as StudyError
    from stepwindow.study import connect as connect
    from stepwindow.study import days as days
    from stepwindow.study import goals as goals
    from stepwindow.study import identify as identify
    from stepwindow.study import nightly as nightly
else:

    def __getattr__(name: str) -> Any:
        """Polars and DuckDB are loaded by whoever uses them: the command `stepwindow --help` begins here, too."""
        if name not in __all__:
            raise AttributeError(f"module 'stepwindow' has no attribute {name!r}")
        rooms.check()
        from stepwindow import study

        return getattr(study, name)


def __dir__() -> list[str]:
    return __all__
