"""The command `stepwindow`: find the command asked for, call it, turn an expected fault into one line."""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from importlib import import_module

from flows import commands
from flows.commands import CANNOT, CLEAN


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns 0 all well, 1 something was rejected (all else was done), 2 could not run."""
    arguments = parser().parse_args(argv)
    from models.store import StoreError
    from models.study import StudyError

    try:
        return arguments.call(arguments)
    except (StoreError, StudyError) as error:
        print(f"stepwindow: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("stepwindow: stopped; what was done is kept, the next run goes on from there", file=sys.stderr)
        return CANNOT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except Exception as fault:  # a fault of ours: what its text holds, nobody knows
        from flows.log import in_a_line, is_verbose

        if is_verbose():
            raise
        print(f"stepwindow: {in_a_line(fault)}", file=sys.stderr)
        return CANNOT


def parser() -> argparse.ArgumentParser:
    """The command line, as the modules in flows/commands declare it."""
    whole = argparse.ArgumentParser(
        prog="stepwindow", description="Movement after IV ketamine: exports in, honest weekly verdicts out."
    )
    choices = whole.add_subparsers(required=True, metavar="COMMAND")
    for name in command_names():
        module = import_module(f"{commands.__name__}.{name}")
        told = (module.__doc__ or "").splitlines()[0].rstrip(".")
        command = choices.add_parser(name, help=told[:1].lower() + told[1:], description=told)
        module.arguments(command)
        command.set_defaults(call=module.call)
    return whole


def command_names() -> list[str]:
    """Every command there is."""
    return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))


if __name__ == "__main__":
    sys.exit(main())
