"""Tiến trình làm việc: the database connections and keys of one worker process.

Services take a session and know no Flask, so a worker needs no application: its children start in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from civreg.deadlines import service as deadlines
from civreg.observability import configure_logging
from civreg.settings import Settings, load_settings
from civreg.shared import crypto

_ON_CONNECT = (
    "-c timezone=Asia/Ho_Chi_Minh -c statement_timeout=60s -c lock_timeout=20s"
    " -c idle_in_transaction_session_timeout=120s"
)
"""Vietnamese days, and an end to every wait: a job that hangs is rolled back and sent again."""

_engines: list[Engine] = []


def open_after_fork(settings: Settings) -> None:
    """Start this process with connections and keys of its own; what it inherited is forgotten, not closed.

    Parameters of statements stay out of error texts, and so out of the log.
    """
    for inherited in _engines:
        inherited.dispose(close=False)
    configure_logging(settings)
    crypto.use_keyring(crypto.Keyring.load(settings.keyring_path))
    deadlines.use_after_cutoff(settings.bundle_after_cutoff)
    _engines[:] = [
        create_engine(
            settings.database_url,
            pool_size=1,
            max_overflow=1,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"options": _ON_CONNECT, "connect_timeout": 5},
        )
    ]


@contextmanager
def new_session() -> Iterator[Session]:
    """Open a session; the caller says where its transactions end."""
    if not _engines:
        open_after_fork(load_settings())
    with Session(_engines[0]) as session:
        yield session
