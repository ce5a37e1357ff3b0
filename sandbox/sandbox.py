"""The sandbox in this process: its server runs in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from sandbox.control import control_routes
from sandbox.journal import Journal
from sandbox.server import Server
from sandbox.stage import Stage
from sandbox.vendors import VENDORS, maker
from sandbox.world import Clock, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType
    from typing import TypeVar

    from typing_extensions import Self

    from sandbox.web import Vendor

    T = TypeVar("T")


class Sandbox(Stage):
    """Four vendors on one port of this machine, while the context lasts.

    >>> with Sandbox(seed=7) as sandbox:
    ...     sandbox.fault("status", vendor="flow", route="jobs", status=429, retry_after=1)
    ...     run_tap(sandbox.settings("flow"))
    ...     assert not sandbox.journal.writes()
    """

    def __init__(  # noqa: PLR0913  # each is one thing that a test may want to be different
        self,
        *,
        seed: int = 1,
        scale: float = 1.0,
        clock: Clock | None = None,
        epoch: datetime | None = None,
        variants: Mapping[str, str] | None = None,
        vendors: Sequence[str | Callable[[World], Vendor]] = VENDORS,
        host: str = "127.0.0.1",
        port: int = 0,
        gzip: bool = False,
        remember: bool = False,
        journal: bool = True,
    ) -> None:
        """Make the vendors and their data; the server starts with the context.

        Args:
            seed: the same seed, scale and epoch (in whole seconds) give the same data.
            scale: 1.0 is a few hundred root entities a vendor.
            clock: real time by default.
            epoch: where generated history ends and news begin; by default the clock's present.
            variants: chosen behaviours, such as ``{"flow.dates": "slash"}``.
            vendors: names, or callables as in ``VENDOR`` of a vendor's package; by default all.
            host: the address to listen on.
            port: 0 for any free one.
            gzip: compress bodies over 1 KB for clients that accept it.
            remember: answer equal requests from memory, for benchmarks.
            journal: keep an entry for every request.

        Raises:
            LookupError: there is no such vendor.
            ValueError: there is no such variant.
        """
        clock = clock or Clock()
        world = World(
            clock=clock,
            seed=seed,
            scale=scale,
            epoch=(epoch or clock.now()).replace(microsecond=0),
            variants=dict(variants or {}),
        )
        super().__init__(
            world, [maker(vendor)(world) for vendor in vendors], Journal(enabled=journal)
        )
        self._host = host
        self._port = port
        self._thread: threading.Thread | None = None
        self._server = Server(
            self.vendors.values(),
            control_routes(self),
            plan=self.plan,
            journal=self.journal,
            gzip=gzip,
            remember=remember,
        )

    def __enter__(self) -> Self:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        started: Future[int] = Future()
        thread = threading.Thread(
            target=asyncio.run, args=(self._serve(started),), name="sandbox", daemon=True
        )
        thread.start()
        self._port = started.result()
        self._thread = thread
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the port and all connections at once."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._thread = None

    async def _serve(self, started: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            async with self._server.listening(self._host, self._port) as port:
                started.set_result(port)
                await self._stop.wait()
        except OSError as error:
            if started.done():
                raise
            started.set_exception(error)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        host = "127.0.0.1" if self._host == "0.0.0.0" else self._host  # noqa: S104  # read only
        return f"http://{host}:{self._port}"

    def url_of(self, vendor: str) -> str:
        """A vendor's base URL, without a slash at the end."""
        return f"{self.url}/{vendor}"

    def settings(self, vendor: str) -> dict[str, Any]:
        """The settings with which the vendor's tap runs against this sandbox."""
        return self.vendor(vendor).settings(self.url_of(vendor))

    def truth(self, vendor: str, stream: str) -> list[dict[str, Any]]:
        """What a complete run of the tap must bring now."""
        return self._between_requests(lambda: list(self.vendor(vendor).truth(stream)))

    def revoke_tokens(self, vendor: str) -> None:
        """Make all tokens of a vendor invalid."""
        self._between_requests(lambda: super(Sandbox, self).revoke_tokens(vendor))

    def _between_requests(self, call: Callable[[], T]) -> T:
        """Call on the server's thread: vendors hold no locks."""
        if self._thread in {None, threading.current_thread()}:
            return call()

        async def called() -> T:
            return call()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()
