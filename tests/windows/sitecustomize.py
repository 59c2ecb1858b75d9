"""A Windows as far as Linux can play one, for a process that has this folder on its path, and those that it starts.

Our modules, and no others, see a `sys.platform` of "win32", none of the modules and names that Windows has not, and
stand-ins for those that it has alone. Nobody may make a symbolic link, and a file that is open somewhere is neither
replaced nor renamed nor deleted. What it cannot play: drives, long paths, access lists, code pages.
"""

from __future__ import annotations

import builtins
import errno
import importlib.machinery
import multiprocessing.connection
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from types import ModuleType, SimpleNamespace
from typing import Any

OURS = ("flows", "connectors", "models", "stepwindow", "__main__")
NO_MODULE = {"fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog", "posix", "readline", "crypt"}
NO_NAME = {
    "os": """fork forkpty geteuid getuid getegid getgid setuid setgid chown fchown lchown fchmod killpg getpgid getpgrp
        setpgid setsid getsid nice getpriority pread pwrite preadv pwritev copy_file_range sendfile posix_fadvise mkfifo
        mknod sched_getaffinity sched_setaffinity sysconf uname getloadavg statvfs fstatvfs sync fdatasync wait wait3
        wait4 WNOHANG O_NOFOLLOW O_NONBLOCK O_CLOEXEC O_DIRECTORY O_SYNC O_TMPFILE register_at_fork eventfd memfd_create
        getgroups confstr openpty ttyname initgroups setgroups ctermid chroot lockf readv writev pipe2 posix_spawn""",
    "signal": """SIGKILL SIGALRM SIGPROF SIGVTALRM SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGPIPE SIGCHLD SIGCONT SIGSTOP
        setitimer getitimer ITIMER_PROF ITIMER_REAL alarm pause pthread_sigmask pthread_kill sigwait siginterrupt""",
    "socket": "AF_UNIX socketpair",
    "time": "tzset clock_settime pthread_getcpuclockid",
    "sys": "",
    "subprocess": "",
    "stat": "",
}
_real = SimpleNamespace(imported=builtins.__import__, open=os.open, Popen=subprocess.Popen)


class Seen(ModuleType):
    """A module as our modules see it."""

    def __init__(self, module: ModuleType, hidden: set[str], **instead: Any) -> None:
        super().__init__(module.__name__)
        self.__dict__.update(instead, _module=module, _hidden=hidden)

    def __getattr__(self, name: str) -> Any:
        if name in self._hidden:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on Windows")
        return getattr(self._module, name)


class _Popen(subprocess.Popen):
    """Takes what Windows takes."""

    def __init__(self, *words: Any, startupinfo: Any = None, creationflags: int = 0, **how: Any) -> None:
        if how.get("pass_fds") or how.get("start_new_session"):
            raise ValueError("not supported on Windows")
        handles = startupinfo.lpAttributeList["handle_list"] if startupinfo else []
        super().__init__(*words, pass_fds=handles, start_new_session=bool(creationflags), **how)


def _no_directory(path: Any, flags: int, *more: Any, **others: Any) -> int:
    if os.path.isdir(path):
        raise PermissionError(errno.EACCES, "a folder is no file here", path)
    return _real.open(path, flags, *more, **others)


class _Stat:
    """What is said of a file, which is no junction."""

    st_reparse_tag = 0

    def __init__(self, found: os.stat_result) -> None:
        self._found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found, name)


def _no_right(*_: Any, **__: Any) -> None:
    raise OSError(errno.EPERM, "a required privilege is not held by the client")


def _is_open(path: Any) -> bool:
    """Whether some process has a file open."""
    with suppress(OSError):
        seen = os.stat(path, follow_symlinks=False)
        for process in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):
                for entry in os.scandir(f"/proc/{process}/fd"):
                    with suppress(OSError):
                        found = entry.stat()
                        if (found.st_ino, found.st_dev) == (seen.st_ino, seen.st_dev):
                            return True
    return False


def _unless_open(do: Any, *, both: bool) -> Any:
    def done(path: Any, *more: Any, **others: Any) -> Any:
        by = sys._getframe(1).f_globals["__name__"]
        within = others.get("dir_fd")
        place = f"/proc/self/fd/{within}/{os.fspath(path)}" if within is not None else path
        paths = [place, *(more[:1] if both else [])]
        if by not in ("tempfile", "sqlite3") and not os.path.isdir(place) and any(map(_is_open, paths)):
            raise PermissionError(errno.EACCES, "it is being used by another process", os.fspath(path))
        return do(path, *more, **others)

    return done


def _opened(right: int, inherit: bool, number: int) -> int:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        raise _Error(87) from None
    return number


class _Error(Exception):
    def __init__(self, winerror: int) -> None:
        self.winerror = winerror


def _limited(job: dict, kind: int, limits: dict) -> None:
    job.update(limits)
    if limits["ProcessMemoryLimit"]:
        resource.setrlimit(resource.RLIMIT_DATA, (limits["ProcessMemoryLimit"],) * 2)


def _stand_in(name: str, **names: Any) -> None:
    sys.modules[name] = module = ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    module.__dict__.update(names)


_stand_in("pywintypes", error=_Error)
_stand_in("win32con", PROCESS_QUERY_LIMITED_INFORMATION=0x1000, STILL_ACTIVE=259)
_stand_in(
    "win32api", OpenProcess=_opened, GetCurrentProcess=lambda: -1, GlobalMemoryStatusEx=lambda: {"AvailPageFile": 2**40}
)
_stand_in(
    "win32process", GetExitCodeProcess=lambda handle: 259, SetPriorityClass=lambda *_: None,
    GetCurrentProcess=lambda: -1, BELOW_NORMAL_PRIORITY_CLASS=0x4000,
    GetProcessTimes=lambda handle: {"UserTime": int(os.times().user * 10**7)},
)  # fmt: skip
_stand_in(
    "win32job", CreateJobObject=lambda *_: {"BasicLimitInformation": {"LimitFlags": 0}, "ProcessMemoryLimit": 0},
    AssignProcessToJobObject=lambda *_: None, QueryInformationJobObject=lambda job, kind: job,
    SetInformationJobObject=_limited, JobObjectExtendedLimitInformation=9, JOB_OBJECT_LIMIT_PROCESS_MEMORY=0x100,
    JOB_OBJECT_LIMIT_PROCESS_TIME=0x2,
)  # fmt: skip
multiprocessing.connection.PipeConnection = multiprocessing.connection.Connection
_INSTEAD: dict[str, dict[str, Any]] = {
    "sys": {"platform": "win32"},
    "os": {
        "symlink": _no_right, "open": _no_directory, "lstat": lambda path: _Stat(os.lstat(path)),
        "set_handle_inheritable": lambda *_: None, "O_BINARY": 0,
    },
    "stat": {"IO_REPARSE_TAG_MOUNT_POINT": 0xA000_0003},
    "signal": {"SIGBREAK": signal.SIGTERM},
    "subprocess": {
        "Popen": _Popen, "CREATE_NEW_PROCESS_GROUP": 0x200,
        "STARTUPINFO": lambda lpAttributeList: SimpleNamespace(lpAttributeList=lpAttributeList),
    },
}  # fmt: skip
for _name in ("unlink", "remove", "replace", "rename"):
    setattr(os, _name, _unless_open(getattr(os, _name), both=_name.startswith("re") and _name != "remove"))
_PATHS = (lambda path: str(path.absolute())), "{}/{}".format
SEEN = {
    name: Seen(sys.modules.get(name) or _real.imported(name), set(hidden.split()), **_INSTEAD.get(name, {}))
    for name, hidden in NO_NAME.items()
}


def _imported(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
    by = (globals or {}).get("__name__", "")
    if level == 0 and by.partition(".")[0] in OURS:
        if name in NO_MODULE:
            raise ModuleNotFoundError(f"No module named {name!r} on Windows", name=name)
        if name in SEEN:
            return SEEN[name]
    found = _real.imported(name, globals, locals, fromlist, level)
    if name == "models.system.files":  # whose paths this system has not
        files = sys.modules[name]
        files.reachable, files.under = _PATHS
    return found


builtins.__import__ = _imported
