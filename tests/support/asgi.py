"""An ASGI application behind a real server on loopback, in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn


@contextlib.contextmanager
def served(application: Any) -> Iterator[str]:
    """Serves an application.

    Yields:
        The URL.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            application, log_config=None, access_log=False, ws="none", loop="asyncio", http="h11"
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    # The listener takes connections from now on; they wait until the server is up.
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
