"""Tiến trình con: start a program so that it dies with us, under the right user, and stop it for certain."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None, use_errno=True)
_LOG_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True)
class Identity:
    """The user a database server runs as; PostgreSQL refuses uid 0.

    Attributes:
        kind: `self` as we are; `namespace` root seen as an ordinary user inside a user namespace (files stay root's);
            `uid` really another user, whose folders must be handed over.
        uid: numeric user of `uid`, otherwise our own.
        gid: numeric group of `uid`, otherwise our own.
    """

    kind: Literal["self", "namespace", "uid"]
    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """One child of the supervisor.

    Attributes:
        name: the word in messages and the name of its log file.
        command: program and arguments.
        environment: added to our own environment.
        folder: working folder, or None for ours.
        identity: the user it runs as, or None for ours.
        stop_signal: what asks it to finish.
        stop_seconds: how long it may take to finish before it is killed.
        server: whether others work with it, so that it stops after all of them.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    identity: Identity | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15.0
    server: bool = False


def server_identity(wanted: Path) -> Identity:
    """Choose the user for PostgreSQL: ourselves, else root in a user namespace, else an unprivileged uid.

    Args:
        wanted: the data folder; when root works in somebody's checkout, its owner is the unprivileged user.
    """
    if os.geteuid() != 0:
        return Identity("self", os.geteuid(), os.getegid())
    if _LINUX and _namespace_works():
        return Identity("namespace", 0, 0)
    return unprivileged_identity(wanted)


def unprivileged_identity(wanted: Path) -> Identity:
    """Return the owner of the nearest existing folder when that is not root, else nobody (65534)."""
    existing = next(folder for folder in (wanted, *wanted.parents) if folder.exists())
    owner = existing.stat()
    if owner.st_uid != 0:
        return Identity("uid", owner.st_uid, owner.st_gid)
    return Identity("uid", 65534, 65534)


def _namespace_works() -> bool:
    """Try a user namespace in a throw-away child: containers and hardened kernels often refuse it."""
    child = os.fork()
    if child == 0:
        try:
            _enter_namespace()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _enter_namespace() -> None:
    """Become uid 1000 of a new user namespace in which uid 1000 is our root: files keep their owner."""
    if _LIBC.unshare(_CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")


def child_setup(identity: Identity | None, death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child does between fork and exec: own session, right user, dies with its parent."""
    parent = os.getpid()

    def prepare() -> None:
        os.setsid()  # Ctrl-C of the terminal reaches the supervisor only, which stops children in order
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_DFL)  # a shell's background job would hand down "ignore SIGINT"
        if identity is not None and identity.kind == "namespace":
            _enter_namespace()
        elif identity is not None and identity.kind == "uid":
            os.setgroups([])
            os.setgid(identity.gid)
            os.setuid(identity.uid)
        if _LINUX:  # after the change of user, which would clear it
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:  # the parent died before the line above
                os._exit(1)

    return prepare


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start `program` with its output appended to `log` (mode 0600)."""
    target = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        return subprocess.Popen(
            [str(part) for part in program.command],
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env={**os.environ, **program.environment},
            preexec_fn=child_setup(program.identity, program.stop_signal),
        )
    finally:
        os.close(target)


def shorten(log: Path) -> None:
    """Keep a log below 10 MB: its text moves to `.log.1` while the program goes on appending to the same file."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        older = log.with_suffix(".log.1")
        older.touch(mode=0o600)
        shutil.copyfile(log, older)
        os.truncate(log, 0)


def stop(
    process: subprocess.Popen[bytes], ask: signal.Signals, seconds: float, *, asked: bool = False
) -> None:
    """Ask `process` to finish (unless it was asked already), kill it after `seconds`, and the rest of its group."""
    if process.poll() is None:
        if not asked:  # asking twice means "at once" to some programs
            process.send_signal(ask)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    kill_group(process.pid)


def kill_group(leader: int) -> None:
    """Kill the processes of a group whose leader has ended (pool children of a killed worker, say)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def end_leftover(pid: int, marker: str, ask: signal.Signals, seconds: float = 30.0) -> bool:
    """End a server that an earlier, killed supervisor left behind; tell whether there was one.

    Args:
        pid: the number found in a pid file; it may belong to somebody else by now.
        marker: text that the command line of our server contains (its data folder).
        ask: the signal that makes it finish cleanly.
        seconds: after this long it is killed.
    """
    found = False
    limit = time.monotonic() + seconds
    while is_running(pid, marker):
        with contextlib.suppress(ProcessLookupError):
            if not found:
                os.kill(pid, ask)
            elif time.monotonic() > limit:
                os.kill(pid, signal.SIGKILL)
        found = True
        time.sleep(0.05)
    return found


def is_running(pid: int, marker: str) -> bool:
    """Tell whether process `pid` lives and its command line contains `marker`."""
    if not _LINUX:
        listing = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        )
        return marker.encode() in listing.stdout
    try:
        return marker.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
