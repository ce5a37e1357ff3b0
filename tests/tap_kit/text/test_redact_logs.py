from __future__ import annotations

import base64
import contextlib
import html
import io
import json
import logging
import re
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from singer_sdk.logging import ConsoleFormatter, StructuredFormatter

from tap_kit.text.redact_logs import RedactedStream, Redactor, install
from tap_kit.text.signatures import strip_query, unsigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = 's3cr&t /"päss'


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.add(SECRET)
    return redactor


# Known values


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps(SECRET)),
        json.dumps(SECRET).replace("&", r"\u0026").replace("/", r"\/"),
        html.escape(SECRET),
        quote(quote(SECRET, safe=""), safe=""),
        quote_plus(json.dumps(SECRET)),
    ],
)
def test_a_known_value_goes_in_every_form(redactor: Redactor, form: str) -> None:
    assert re.sub(r'[\\"]|%22|%5C', "", redactor.redact(f"before {form} after")) == (
        "before *** after"
    )


@given(
    before=st.text(max_size=6), secret=st.text(min_size=8, max_size=40), after=st.text(max_size=6)
)
def test_a_known_value_goes_from_within_base64(before: str, secret: str, after: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    left = redactor.redact(_base64(before + secret + after)).replace("***", "")
    # At both ends a character may hold bits of the secret and of its neighbour or padding.
    assert len(left) <= len(_base64(before)) + len(_base64(after)) + len("A==")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@settings(deadline=None)
@given(st.lists(st.text(min_size=4), min_size=1, max_size=5), st.text(), st.data())
def test_no_known_value_survives(values: list[str], around: str, data: st.DataObject) -> None:
    redactor = Redactor()
    for value in values:
        redactor.add(value)
    secret = data.draw(st.sampled_from(values))
    redacted = redactor.redact(f"{around}{secret}{around}")
    # The mask itself is the only text that may spell a secret.
    assert all(secret not in part for part in redacted.split("***") for secret in values)


def test_values_too_short_to_be_told_apart_are_left() -> None:
    redactor = Redactor()
    redactor.add("abc")
    redactor.add("")
    assert redactor.redact("abc") == "abc"


# What secrets look like


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer XYZ",
        "Authorization: Token XYZ",
        "Authorization: XYZ",
        "{'Authorization': 'Bearer XYZ', 'Accept': '*/*'}",
        '{"authorization": "XYZ"}',
        r"send: b'GET / HTTP/1.1\r\nAuthorization: Basic XYZ\r\nHost: a'",
        "the header was Bearer XYZ",
        "sent Bearer XYZ1 again",
        '"GET /query/v2/graph?key=XYZ&csv=true HTTP/1.1" 200',
        "https://a.example/b?sv=1&sig=XYZ&se=2",
        "https://a.example/b?X-Amz-Signature=XYZ",
        "https://a.example/b?x-amz-credential=XYZ",
        "client_id=me&client_secret=XYZ&grant_type=client_credentials",
        "Token(access_token='XYZ')",
        "api_key=XYZ",
        "api_secret=XYZ",
        "/x?token=XYZ",
        '{"access_token":"XYZ","expires_in":3600}',
        '{"access_token": "XYZ',
        "{'client_secret': 'XYZ'}",
        r'{"body": "{\"token\": \"XYZ\"}"}',
        '{"downloadSignature": "XYZ"}',
        "http://me:XYZ@proxy.example:3128",
    ],
)
@pytest.mark.parametrize("secret", ["eyJ0.a-b_c~9", "Zm9vOmJhcg%3D%3D"])
def test_what_looks_like_a_secret_goes(text: str, secret: str) -> None:
    redacted = Redactor().redact(text.replace("XYZ", secret))
    assert secret not in redacted
    assert "***" in redacted
    for kept in ("csv=true", "se=2", "expires_in", "client_id=me", "Host: a", "Accept"):
        assert (kept in redacted) == (kept in text)


@pytest.mark.parametrize(
    "text",
    [
        "primary_key=jobId replication-key=updated",
        "Check the settings client_id, client_secret",
        "set auth_scheme to Bearer instead of Token",
        "HTTP 401 Unauthorized: the authorization header is missing",
        'nextToken="" tokens=3',
        "https://a.example:8443/b?page=2",
        "2026-01-01 10:00:00 | INFO | user@example.com",
        '{"token": ""}',
        "***",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Redactor().redact(text) == text


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


# stderr


def test_a_secret_in_pieces_does_not_pass(redactor: Redactor) -> None:
    below = io.StringIO()
    stream = RedactedStream(below, redactor)
    for piece in ("a ", SECRET[:4], SECRET[4:], " b\nnext ", "line"):
        stream.write(piece)
    assert below.getvalue() == "a *** b\n"
    stream.flush()
    assert below.getvalue() == "a *** b\nnext line"


def test_it_can_stand_in_for_stderr(redactor: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    import click  # noqa: PLC0415  # one of those that look for a way to the bytes below

    below = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stderr", RedactedStream(below, redactor))
    click.echo(SECRET, err=True)
    print(SECRET, file=sys.stderr)  # noqa: T201  # as anybody may
    sys.__excepthook__(ValueError, ValueError(SECRET), None)  # the SDK puts its own in place
    below.seek(0)
    assert below.read() == "***\n***\nValueError: ***\n"
    assert not sys.stderr.isatty()


# Signed links

LINK = "https://files.example/a/b.pdf"


@pytest.mark.parametrize(
    "query",
    [
        "?sv=2020&sr=b&sig=a%2Bb%3D&se=2026-01-01T00%3A00%3A00Z&sp=r",
        "?X-Amz-Algorithm=AWS4&X-Amz-Signature=abc",
        "?Signature=abc&Expires=1",
        "?key=abc",
        "?token=abc",
        "?access_token=abc",
        "#access_token=abc",
        "?page=1&apikey=abc#top",
    ],
)
def test_signed_links_lose_their_query(query: str) -> None:
    assert strip_query(LINK + query) == LINK
    value = {
        "link": LINK + query,
        "list": [{"url": LINK + query}, 1],
        "text": f"see {LINK}{query} or {LINK}?page=2",
        "json": json.dumps({"url": LINK + query}),
    }
    assert cleaned(value) == {
        "link": LINK,
        "list": [{"url": LINK}, 1],
        "text": f"see {LINK} or {LINK}?page=2",
        "json": json.dumps({"url": LINK}),
    }


def cleaned(value: object) -> object:
    """A value after its encoded form was cleaned."""
    return json.loads(unsigned(json.dumps(value, ensure_ascii=False)))


def test_the_signature_of_a_nested_link_goes_too() -> None:
    assert unsigned(f"{LINK}?next={LINK}?sig=abc") == LINK


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(f"{LINK}?page=2"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_json)
def test_what_has_no_signed_link_stays_as_it_is(value: object) -> None:
    assert cleaned(value) == value


@given(_json)
def test_scrubbing_changes_nothing_but_the_link(value: object) -> None:
    assert cleaned([value, f"{LINK}?sig=abc"]) == [value, LINK]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_link_is_the_same_whether_encoded_or_not(around: str) -> None:
    text = f"{around}{LINK}?sig=abc{around}"
    assert cleaned(text) == unsigned(text)
