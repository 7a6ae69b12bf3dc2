"""A database with the shipped lists, loaded once; each test works on it in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from civreg.settings import Settings
from civreg.shared import crypto
from civreg.shared.database import transaction
from civreg.stack.cluster import Cluster
from civreg.units.service import LoadReport, load_shipped


@pytest.fixture(scope="session")
def country_loaded(
    postgres: Cluster, clone_database: Callable[[], str], settings_for: Callable[[str], Settings]
) -> Iterator[tuple[Engine, tuple[LoadReport, ...]]]:
    name = clone_database()
    engine = create_engine(settings_for(name).database_url)
    try:
        with Session(engine) as session, transaction(session):
            reports = load_shipped(session)
        yield engine, reports
    finally:
        engine.dispose()
        postgres.drop_database(name)


@pytest.fixture
def country(
    country_loaded: tuple[Engine, tuple[LoadReport, ...]], keyring: crypto.Keyring
) -> Iterator[Session]:
    engine, _ = country_loaded
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()
