"""Small real servers that behave as told, byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """A TCP server: its port, how many connected, and the requests it read."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[bytes] = []


@asynccontextmanager
async def listening(behave: Behave, host: str = "127.0.0.1") -> AsyncIterator[Listener]:
    """Serve ``behave`` on an ephemeral port."""
    listener = Listener()
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        listener.connections += 1
        try:
            listener.requests.append(await read_request(reader))
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            running.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, host, 0)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one request with a body of known length."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.partition(b":")[2]))
    return head


def answering(status: str = "200 OK", body: bytes = b"{}", headers: str = "") -> Behave:
    """Answer every request the same way and close."""

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}"
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()

    return behave


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accept the request and never answer."""
    await reader.read()


async def hanging_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accept the request and close without an answer."""
