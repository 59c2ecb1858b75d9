"""The command `stepwindow`: find the command asked for, call it, turn an expected fault into one line."""

from __future__ import annotations

import argparse
import difflib
import os
import pkgutil
import shutil
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from flows import commands
from flows.commands import CANNOT, CLEAN
from flows.output import say


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns 0 all well, 1 something was rejected (all else was done), 2 could not run."""
    from flows import environment
    from models.fault import StoreError, StudyError

    environment.rarely_look_for_circles()
    environment.open_streams()
    words = sys.argv[1:] if argv is None else argv
    try:
        if not words:
            return _nothing_asked()
        arguments = parser(words[0]).parse_args(words)
        environment.check()
        code = arguments.call(arguments)
        sys.stdout.flush()  # what cannot be printed is an error here, not at Python's end
        return code
    except (StoreError, StudyError) as error:
        return _cannot(str(error))
    except KeyboardInterrupt:
        return _cannot("stopped; what was done is kept, the next run goes on from there")
    except BrokenPipeError:
        _print_no_more()
        return CLEAN
    except OSError as error:
        _print_no_more()
        where = f"{error.filename}: " if error.filename else ""
        return _cannot(f"{where}{error.strerror or type(error).__name__}; check the disk and the permissions")
    except BaseException as error:  # never exit code 1: that says the rest was done
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # of Polars
            raise
        from flows.night import log

        if log.is_verbose():
            traceback.print_exc()
        return _cannot(log.in_a_line(error))


def _nothing_asked() -> int:
    """Nothing was run; where one stands says what may be next."""
    from flows.answers.next_step import in_folder

    say(*in_folder(Path(os.environ.get("STEPWINDOW_STUDY", "."))), to=sys.stderr)
    return CANNOT


def _print_no_more() -> None:
    """Python prints what it still holds at its end, and would complain a second time."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cannot(sentence: str) -> int:
    say(f"stepwindow: {sentence}", to=sys.stderr)
    return CANNOT


_NO_VALUE = "--zip-password takes no value: others can see what is typed in a command; it is asked for"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with what may have been meant. Subcommands are parsed by the same class."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("stepwindow").strip()
        word = message.partition("'")[2].partition("'")[0]
        if "argument --zip-password" in message:  # it would repeat what was typed
            message = _NO_VALUE
        if "argument COMMAND" in message:
            message = f"there is no command {word!r}{_meant(word, command_names())}"
        which = "options" if command else "commands"
        say(f"stepwindow: {message}; `{self.prog} --help` lists the {which}", to=sys.stderr)
        self.exit(CANNOT)

    def exit(self, status: int = CLEAN, message: str | None = None) -> NoReturn:
        sys.stdout.flush()  # as in `main`, where help or the version was printed
        super().exit(status, message)

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        found, unknown = super().parse_known_args(args, namespace)
        values = [word for word in unknown if not word.startswith("--")]
        if any(one.startswith("--zip") and other in values for one, other in pairwise(args or ())):
            self.error(_NO_VALUE)
        if unknown:  # argparse would report it for `stepwindow`, which does not know the command's options
            mine = [option for action in self._actions for option in action.option_strings]
            word = unknown[0].partition("=")[0]
            self.error(f"{word!r} is not understood{_meant(word, mine)}")
        return found, unknown


def _meant(word: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(word, choices, n=1)
    return f" (is {close[0]} meant?)" if close else ""


def parser(asked: str = "") -> argparse.ArgumentParser:
    """The command line, as the modules in flows/commands declare it; of one command where it is `asked` for."""
    stepwindow = _Parser(
        prog="stepwindow",
        description="Movement after IV ketamine: exports in, honest weekly verdicts out.",
        epilog="first steps: stepwindow init my-study    one command: stepwindow COMMAND --help\n"
        "exit codes:  0 all well, 1 finished but something was rejected, 2 could not run: stepwindow help exit-codes",
        formatter_class=_layout,
    )
    stepwindow.add_argument("--version", action=_Version, help="print the version and exit")
    choices = stepwindow.add_subparsers(required=True, metavar="COMMAND", title="commands")
    names = command_names()
    for name in [asked] if asked in names else names:
        module = import_module(f"{commands.__name__}.{name}")
        doc = module.__doc__ or ""
        what = doc.splitlines()[0].rstrip(".")
        short = what if what[:2].isupper() else what[:1].lower() + what[1:]
        command = choices.add_parser(name, help=short, description=what, epilog=_examples(doc), formatter_class=_layout)
        module.arguments(command)
        command.set_defaults(call=module.call)
    return stepwindow


def _examples(doc: str) -> str | None:
    """The lines of a command's docstring that show it being typed."""
    typed = [line for line in doc.splitlines() if line.startswith("stepwindow ")]
    return "\n  ".join(["for example:", *typed]) if typed else None


def _layout(prog: str) -> argparse.HelpFormatter:
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=28, width=width)


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from flows.version import in_full

        say(f"stepwindow {in_full()}")
        parser.exit(CLEAN)


def command_names() -> list[str]:
    """Every command there is."""
    return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))


if __name__ == "__main__":
    sys.exit(main())
