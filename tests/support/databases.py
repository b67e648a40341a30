"""Databases of a pytest run: one migrated template, copied per worker and on request."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg

T = TypeVar("T")


def with_database(url: str, name: str) -> str:
    """Return ``url`` pointing at the database ``name`` of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def execute(admin_url: str, *statements: str) -> None:
    """Run statements outside a transaction, from code that is not async."""

    async def run() -> None:
        connection = await asyncpg.connect(admin_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    run_to_end(run())


def run_to_end(work: Coroutine[object, object, T]) -> T:
    """Run a coroutine on a loop of its own, leaving pytest-asyncio's loop alone."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001  # raised again below
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
