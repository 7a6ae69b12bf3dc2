"""The server of the browser tests closes what it opened, also when the browser hangs up."""

import socket
import struct
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Flask, Response

from tests.serving import served


def test_an_answer_is_closed_though_the_reader_hung_up() -> None:
    app = Flask(__name__)
    begun, hung_up, closed = threading.Event(), threading.Event(), threading.Event()

    @app.get("/")
    def answer() -> Response:
        def body() -> Iterator[bytes]:
            yield b"first"
            begun.set()
            hung_up.wait(30)

        response = Response(body(), headers={"Content-Length": "5"})
        response.call_on_close(closed.set)
        return response

    with served(app) as url:
        reader = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0))
        # Closed with nothing lingering, the socket tells the server "reset", as a browser that leaves does.
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reader.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert begun.wait(30)
        reader.close()
        hung_up.set()
        assert closed.wait(30)
