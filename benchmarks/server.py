"""A server that answers each path with bytes that are fixed in advance, in a process of its own.

It does as little as HTTP allows, so that what is measured is the client. Bodies are counted and
thrown away; large answers are repeated from one block and never held as a whole.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one path answers.

    Args:
        content_type: The Content-Type.
        head: How the body begins.
        block: What is repeated after that; its base64 must need no padding.
        blocks: How many times.
        tail: How the body ends.
    """

    content_type: str
    head: str
    block: str = ""
    blocks: int = 0
    tail: str = ""


class _Connection(asyncio.BufferedProtocol):
    _buffer = bytearray(_PIECE)  # one for all: what arrives is looked at before anything else can

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers
        self._head = b""
        self._left = -1
        self._path = ""
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio gives it
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._left > 0:
            self._left -= nbytes
        else:
            self._head += bytes(self._buffer[:nbytes])
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            lines = self._head[:end].decode("latin-1").split("\r\n")
            self._path = lines[0].split(" ")[1]
            length = next(
                (line[15:] for line in lines if line.lower().startswith("content-length:")), "0"
            )
            self._left = int(length) - (len(self._head) - end - 4)
            self._head = b""
        if self._left == 0:
            self._left = -1
            self._answer()

    def _answer(self) -> None:
        answer = self._answers.get(self._path)
        if answer is None:
            self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        head, block, tail = answer.head.encode(), answer.block.encode(), answer.tail.encode()
        length = len(head) + len(block) * answer.blocks + len(tail)
        start = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {answer.content_type}\r\n"
            f"Content-Length: {length}\r\n\r\n"
        ).encode("latin-1")
        if not answer.blocks:
            self._transport.write(start + head + tail)
            return
        task = asyncio.get_running_loop().create_task(
            self._send(start + head, block, answer.blocks, tail)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, head: bytes, block: bytes, blocks: int, tail: bytes) -> None:
        self._transport.write(head)
        for _ in range(blocks):
            await self._may_write.wait()
            if self._transport.is_closing():
                return
            self._transport.write(block)
        self._transport.write(tail)


async def _serve(answers: Mapping[str, Answer]) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(answers), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # The end of standard input is the end of the benchmark.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


@contextmanager
def serving(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Runs the server in a process of its own.

    Args:
        answers: What each path answers.

    Yields:
        Its address, without a path.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({path: asdict(answer) for path, answer in answers.items()}, file)
        file.flush()
        with subprocess.Popen(
            [sys.executable, __file__, file.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            port = int(process.stdout.readline())
            try:
                yield f"http://127.0.0.1:{port}"
            finally:
                process.stdin.close()


def main() -> None:
    described = json.loads(Path(sys.argv[1]).read_text())
    asyncio.run(_serve({path: Answer(**answer) for path, answer in described.items()}))


if __name__ == "__main__":
    main()
