"""Máy chủ web: settings of gunicorn, the same for one machine and for containers; a proxy that buffers stands before it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Any

from civreg.settings import SettingsRefused, load_settings

wsgi_app = "app:app"
workers = 2
worker_class = "gthread"
threads = 4
preload_app = True  # imports once; the application opens no connection before its first request
timeout = 30
graceful_timeout = 10
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
loglevel = "warning"
control_socket_disable = True
# the heartbeat file must not wait for a slow disk
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def on_starting(_server: Any) -> None:
    """Refuse to start with a sentence that names all that is missing."""
    try:
        load_settings().refuse_if_incomplete()
    except SettingsRefused as refusal:
        print(refusal.sentence, file=sys.stderr)
        sys.exit(2)


def post_fork(_server: Any, _worker: Any) -> None:
    """Let a worker die with its master, also when it is busy and would not look."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
