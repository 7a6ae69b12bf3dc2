"""A machine with small programs in the place of civreg's own: `python stand_in.py VAR PORT`.

The worker has a child that does not listen to SIGTERM, as a pool child deep in a C library would not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from civreg.stack.folders import StackRefused
from civreg.stack.machine import Machine, Plan
from civreg.stack.processes import Program

WORKER = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import signal, time\\nsignal.signal(15, signal.SIG_IGN)\\ntime.sleep(600)", sys.argv[1]])
time.sleep(600)
"""
FIRST = """
import os, psycopg, redis
redis.Redis.from_url(os.environ["REDIS_URL"]).incr("starts")
url = os.environ["CIVREG_OWNER_DATABASE_URL"].replace("+psycopg", "")
with psycopg.connect(url) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS start (at timestamptz NOT NULL)")
    connection.execute("INSERT INTO start VALUES (now())")
"""


def programs(var: Path, host: str, port: int, environment: Mapping[str, str]) -> list[Program]:
    """A worker with a child, and a web server."""
    web = [sys.executable, "-m", "http.server", "--bind", host, "--directory", var / "logs", str(port)]
    worker = [sys.executable, "-c", WORKER, f"stand-in {var}"]
    return [
        Program(name="web", command=web, environment=environment),
        Program(name="worker", command=worker, environment=environment),
    ]


if __name__ == "__main__":
    plan = Plan(
        var=Path(sys.argv[1]),
        port=int(sys.argv[2]),
        project=Path(sys.argv[1]),
        first=[[sys.executable, "-c", FIRST]],
        programs=programs,
        ready_path="/",
        whole_path="/worker.log",
    )
    try:
        sys.exit(Machine(plan).run())
    except StackRefused as refusal:
        sys.exit(refusal.sentence)
