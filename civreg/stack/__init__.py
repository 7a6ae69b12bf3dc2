"""Bộ chạy một máy: PostgreSQL, Valkey, worker, beat and web server of one machine as children of one supervisor.

`make run` is this package: it makes the database and the secrets at the first start, starts everything over unix
sockets, restarts what dies and leaves nothing behind. The same pieces (`EmbeddedPostgres`, `EmbeddedValkey`) serve the
tests and the benchmarks, so that they meet the servers people meet. With `DATABASE_URL` and `REDIS_URL` set no server
is started here. The package knows nothing of Flask, settings or features: it starts commands and hands them addresses.
"""
