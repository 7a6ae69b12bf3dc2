"""Cụm PostgreSQL: the three roles and the databases of civreg on a server that somebody runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

Role = Literal["owner", "app", "report"]
DATABASE = "civreg"
_ROLES: tuple[Role, ...] = ("owner", "app", "report")
_EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")


class Cluster:
    """A PostgreSQL server on which we are superuser; makes roles, databases and extensions.

    Roles: `civreg_owner` (owns the tables, migrates), `civreg_app` (what the application connects as),
    `civreg_report` (reads only). None of them is superuser; table rights are the migrations' business.

    Args:
        place: what follows `user@` in the libpq address, e.g. `/{database}?host=%2Fvar%2Frun`.
        superuser: `user[:password]` of the superuser.
        passwords: of the roles, where the server asks for one.
    """

    def __init__(
        self, place: str, superuser: str = "postgres", passwords: Mapping[Role, str] | None = None
    ) -> None:
        self._place = place
        self._superuser = superuser
        self._passwords = passwords or {}

    @classmethod
    def at(cls, superuser_url: str, passwords: Mapping[Role, str]) -> Self:
        """Return the cluster at the superuser's address (`postgresql://user:password@host:port/…?query`)."""
        parts = urlsplit(superuser_url)
        login, _, host = parts.netloc.rpartition("@")
        query = f"?{parts.query}" if parts.query else ""
        place = f"{host}/".replace("{", "{{").replace("}", "}}") + "{database}" + query
        return cls(place, login or "postgres", passwords)

    def conninfo(self, role: Role | Literal["superuser"] = "app", database: str = DATABASE) -> str:
        """Return the libpq address, as psycopg, psql and pg_dump take it."""
        user = self._superuser
        if role != "superuser":
            password = self._passwords.get(role, "")
            user = f"civreg_{role}" + (f":{quote(password, safe='')}" if password else "")
        return f"postgresql://{user}@{self._place.format(database=quote(database))}"

    def url(self, role: Role = "app", database: str = DATABASE) -> str:
        """Return the SQLAlchemy address of a database for one of the three roles."""
        return _sqlalchemy(self.conninfo(role, database))

    def superuser_url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy address for the superuser; for making databases, never for the application."""
        return _sqlalchemy(self.conninfo("superuser", database))

    def prepare(self) -> None:
        """Make the three roles when they are missing (quick when they exist)."""
        with self._connect("postgres") as connection:
            found = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in _ROLES:
                name = sql.Identifier(f"civreg_{role}")
                if f"civreg_{role}" not in found:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
                password = self._passwords.get(role)
                if password:
                    change = sql.SQL("ALTER ROLE {} PASSWORD {}")
                    connection.execute(change.format(name, sql.Literal(password)))
            connection.execute("ALTER ROLE civreg_report SET default_transaction_read_only = on")

    def ensure_database(self, name: str = DATABASE) -> None:
        """Make the database when it is missing."""
        with self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if known is None:
            self.create_database(name)

    def identity_of(self, name: str = DATABASE) -> str:
        """Return what tells this very database from another one of the same name (made anew, say)."""
        with self._connect("postgres") as connection:
            row = connection.execute(
                "SELECT system_identifier::text || '/' || oid FROM pg_control_system(), pg_database WHERE datname = %s",
                (name,),
            ).fetchone()
        return row[0] if row else ""

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database of `civreg_owner` with the extensions; a copy of `template` when one is named."""
        database = sql.Identifier(name)
        with self._connect("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER civreg_owner TEMPLATE {} STRATEGY file_copy").format(
                    database, sql.Identifier(template or "template0")
                )
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO civreg_app, civreg_report").format(database)
            )
        if template is None:
            with self._connect(name) as connection:
                for extension in _EXTENSIONS:  # the superuser's work: the owner need not be trusted with it
                    connection.execute(
                        sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(
                            sql.Identifier(extension)
                        )
                    )

    def drop_database(self, name: str) -> None:
        """Remove a database and disconnect whoever uses it."""
        with self._connect("postgres") as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _connect(self, database: str) -> psycopg.Connection[tuple[str, ...]]:
        return psycopg.connect(self.conninfo("superuser", database), autocommit=True, connect_timeout=5)


def _sqlalchemy(conninfo: str) -> str:
    return conninfo.replace("postgresql://", "postgresql+psycopg://", 1)
