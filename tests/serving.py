"""One application, served to a browser from a thread of the test."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server

Application = Callable[[Any, Any], Iterable[bytes]]
"""What speaks WSGI: a Flask application, or something around one."""


@contextmanager
def served(app: Application) -> Iterator[str]:
    """Serve an application on a free port of this machine; yield its address.

    Every answer is read to its end and closed before its first byte leaves: when a browser hangs up
    in the middle, Werkzeug's own server fails on the socket before it closes the answer, and the file
    behind a static page stays open until Python warns about it.
    """

    def whole(environ: Any, start: Any) -> Iterable[bytes]:
        answer = app(environ, start)
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):
                answer.close()

    server = make_server("127.0.0.1", 0, whole, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
