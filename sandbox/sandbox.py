"""The sandbox in this process: its server runs in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from sandbox import faults
from sandbox.control import control_routes
from sandbox.journal import Journal
from sandbox.server import Server
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


class Sandbox:
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
        self.world = World(
            clock=clock,
            seed=seed,
            scale=scale,
            epoch=(epoch or clock.now()).replace(microsecond=0),
            variants=dict(variants or {}),
        )
        made = (maker(vendor)(self.world) for vendor in vendors)
        self.vendors: dict[str, Vendor] = {vendor.name: vendor for vendor in made}
        for name, choice in self.world.variants.items():
            self.set_variant(name, choice)
        self.journal = Journal(enabled=journal)
        self._host = host
        self._port = port
        self._plan = faults.Plan()
        self._thread: threading.Thread | None = None
        self._server = Server(
            self.vendors.values(),
            control_routes(self),
            plan=self._plan,
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

    def vendor(self, name: str) -> Vendor:
        """One of the vendors.

        Raises:
            LookupError: this sandbox has no such vendor.
        """
        try:
            return self.vendors[name]
        except KeyError:
            msg = f"There is no vendor {name!r} here, only {', '.join(self.vendors)}"
            raise LookupError(msg) from None

    def settings(self, vendor: str) -> dict[str, Any]:
        """The settings with which the vendor's tap runs against this sandbox."""
        return self.vendor(vendor).settings(self.url_of(vendor))

    def truth(self, vendor: str, stream: str) -> list[dict[str, Any]]:
        """What a complete run of the tap must bring now."""
        return self._between_requests(lambda: list(self.vendor(vendor).truth(stream)))

    def fault(self, kind: str, **options: Any) -> None:  # noqa: ANN401  # each kind has its own
        """Plan a fault: a kind and the fields of its class in :mod:`sandbox.faults`.

        Raises:
            ValueError: there is no such kind or field.
        """
        self._plan.add(faults.fault(kind, **options))

    def clear_faults(self) -> None:
        """Plan no faults any more."""
        self._plan.clear()

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self.journal.clear()

    def now(self) -> datetime:
        """The sandbox's present."""
        return self.world.clock.now()

    def advance(self, **amount: float) -> None:
        """Move the clock on, by the keywords of :class:`datetime.timedelta`."""
        self.world.clock.advance(**amount)

    def set_variant(self, name: str, choice: str) -> None:
        """Choose a behaviour, such as ``"flow.dates", "slash"``.

        Raises:
            LookupError: this sandbox has no such vendor.
            ValueError: the vendor has no such variant, or the variant no such choice.
        """
        prefix, _, variant = name.partition(".")
        variants = self.vendor(prefix).variants
        if choice not in variants.get(variant, ()):
            known = "; ".join(f"{prefix}.{key}={'|'.join(variants[key])}" for key in variants)
            msg = f"There is no variant {name}={choice}; known: {known or 'none'}"
            raise ValueError(msg)
        self.world.variants[name] = choice

    def drift(self, stream: str, fields: Mapping[str, Any]) -> None:
        """Add or change fields of every record of a stream, such as ``"flow.users"``."""
        self.world.drift[stream] = {**self.world.drift.get(stream, {}), **fields}

    def clear_drift(self) -> None:
        """Serve records as they were made."""
        self.world.drift.clear()

    def revoke_tokens(self, vendor: str) -> None:
        """Make all tokens of a vendor invalid."""
        self._between_requests(self.vendor(vendor).revoke_tokens)

    def _between_requests(self, call: Callable[[], T]) -> T:
        """Call on the server's thread: vendors hold no locks."""
        if self._thread in {None, threading.current_thread()}:
            return call()

        async def called() -> T:
            return call()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()
