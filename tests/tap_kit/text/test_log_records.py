"""Log records of all loggers and formatters lose their secrets, and nothing else."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
import requests
from singer_sdk.logging import ConsoleFormatter, StructuredFormatter

from tap_kit.text.redact_logs import Redactor, install
from tests.tap_kit.text.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# Logs


class _Reprd:
    def __str__(self) -> str:
        return f"<{SECRET}>"


def _raise_nested() -> None:
    try:
        raise ValueError(SECRET)  # noqa: TRY301  # an exception to wrap
    except ValueError as error:
        msg = f"wrapped {SECRET}"
        raise RuntimeError(msg) from error


def _with_traceback(logger: logging.Logger) -> None:
    try:
        _raise_nested()
    except RuntimeError:
        logger.exception("it broke with %s", SECRET)


def _as_context(logger: logging.Logger) -> None:
    try:
        try:
            raise KeyError(SECRET)  # noqa: TRY301  # an exception to be context
        except KeyError:
            raise ValueError(SECRET)  # noqa: B904  # the context is the point
    except ValueError:
        logger.debug("it broke", exc_info=True)


LOGGED: list[Callable[[logging.Logger], None]] = [
    lambda logger: logger.info(SECRET),
    lambda logger: logger.info("value %s", SECRET),
    lambda logger: logger.info("value %(name)s", {"name": SECRET}),
    lambda logger: logger.info("value %s", _Reprd()),
    lambda logger: logger.info(ValueError(SECRET)),
    lambda logger: logger.info("100% {SECRET}", extra={"detail": SECRET}),
    lambda logger: logger.info("nested", extra={"detail": {"a": [SECRET, _Reprd(), 1]}}),
    lambda logger: logger.warning("stack", stack_info=True, extra={"stack": SECRET}),
    _with_traceback,
    _as_context,
]


@pytest.fixture
def installed(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]]]:
    monkeypatch.setattr(logging.Logger, "handle", logging.Logger.handle)
    install(redactor)
    handlers: list[logging.Handler] = []
    root = logging.getLogger()
    level = root.level

    def log_to(formatter: logging.Formatter) -> tuple[logging.Logger, io.StringIO]:
        text = io.StringIO()
        handler = logging.StreamHandler(text)
        handler.setFormatter(formatter)
        root.addHandler(handler)
        handlers.append(handler)
        root.setLevel(logging.DEBUG)
        return logging.getLogger("any.logger"), text

    yield log_to
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


@pytest.mark.parametrize("log", LOGGED)
@pytest.mark.parametrize("formatter", [ConsoleFormatter, StructuredFormatter, logging.Formatter])
def test_no_log_record_keeps_a_secret(
    installed: Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]],
    formatter: type[logging.Formatter],
    log: Callable[[logging.Logger], None],
) -> None:
    logger, text = installed(formatter())
    log(logger)
    written = text.getvalue()
    assert written
    assert "s3cr" not in written
    if formatter is StructuredFormatter:
        json.loads(written)


def test_handlers_of_a_logger_that_existed_before_and_does_not_propagate_are_covered(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("a.library.of.its.own")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    monkeypatch.setattr(logging.Logger, "handle", logging.Logger.handle)
    install(redactor)
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(StructuredFormatter())
    logger.addHandler(handler)
    try:
        for log in LOGGED:
            log(logger)
    finally:
        logger.removeHandler(handler)
    assert len(text.getvalue().splitlines()) == len(LOGGED)
    assert "s3cr" not in text.getvalue()


def test_structured_logs_keep_the_shape_of_exceptions(
    installed: Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]],
) -> None:
    logger, text = installed(StructuredFormatter())
    _with_traceback(logger)
    exception = json.loads(text.getvalue())["exception"]
    assert exception["type"] == "RuntimeError"
    assert exception["message"] == "wrapped ***"
    assert [frame["function"] for frame in exception["traceback"]] == [
        "_with_traceback",
        "_raise_nested",
    ]
    assert exception["cause"]["type"] == "ValueError"
    assert exception["cause"]["message"] == "***"


def test_records_without_secrets_stay_as_they_are(
    installed: Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]],
) -> None:
    logger, _ = installed(ConsoleFormatter())
    seen: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = seen.append  # type: ignore[assignment,method-assign]  # a stand-in
    logger.addHandler(handler)
    error, point = ValueError("harmless"), object()
    try:
        raise error
    except ValueError:
        logger.exception("METRIC: %s", "a", extra={"point": point})
    finally:
        logger.removeHandler(handler)
    assert seen[0].msg == "METRIC: %s"
    assert seen[0].args == ("a",)
    assert seen[0].exc_info is not None
    assert seen[0].exc_info[1] is error
    assert seen[0].__dict__["point"] is point


def test_arguments_that_do_not_fit_are_logged_all_the_same(
    installed: Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]],
) -> None:
    logger, text = installed(logging.Formatter())
    logger.info("%d items", SECRET)
    logger.info("%(count)d items", {"name": "Ada"})
    assert text.getvalue() == "%d items ('***',)\n%(count)d items {'name': 'Ada'}\n"


def test_installing_again_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.Logger, "handle", logging.Logger.handle)
    seen: list[str] = []

    class Counting(Redactor):
        def redact(self, text: str) -> str:
            seen.append(text)
            return text

    for _ in range(3):
        install(Counting())
    logging.getLogger("once").warning("hello")
    assert seen == ["hello"]


def test_debug_lines_of_urllib3_are_clean(
    installed: Callable[[logging.Formatter], tuple[logging.Logger, io.StringIO]],
) -> None:
    _, text = installed(ConsoleFormatter())
    with contextlib.suppress(requests.ConnectionError):
        # Port 9 (discard) on loopback: nobody answers.
        requests.get("http://127.0.0.1:9/query?key=abcdef123", timeout=2)
    logging.getLogger("urllib3.connectionpool").debug(
        '%s://%s:%s "%s %s %s" %s %s',
        "https", "a.example", 443, "GET", "/query?key=abcdef123", "HTTP/1.1", 200, 5,
    )  # fmt: skip
    assert "key=***" in text.getvalue()
    assert "abcdef123" not in text.getvalue()
