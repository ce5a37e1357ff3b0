"""An S3 server on this machine, and a bucket in it."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BUCKET = "evidence"
_ERROR = "<Error><Code>{}</Code><Message>{}</Message></Error>"


class Door:
    """What requests pass before they reach the server: it counts, refuses, delays and fails.

    Attributes:
        seen: The operations that were asked for.
        refused: Those for which there is no permission.
        latency: Seconds that each request takes besides.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server = DomainDispatcherApplication(create_backend_app)
        self.open()

    def open(self) -> None:
        """Let everything pass, and begin to count."""
        self.seen: list[str] = []
        self.refused: set[str] = set()
        self.latency = 0.0
        self._faults: list[tuple[str, str]] = []

    def fail(self, operation: str, how: str, times: int = 1) -> None:
        """Let the next requests for an operation fail.

        Args:
            operation: Such as ``PutObject``.
            how: ``busy`` (503), or ``reset`` once half of the body has been read.
            times: How many.
        """
        self._faults += [(operation, how)] * times

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401  # WSGI
        operation = _operation(environ)
        with self._lock:
            self.seen.append(operation)
            fault = next((each for each in self._faults if each[0] == operation), None)
            if fault:
                self._faults.remove(fault)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        time.sleep(self.latency)
        if operation in self.refused:
            environ["wsgi.input"].read(length)
            return _answer(start, "403 Forbidden", "AccessDenied", "Access Denied")
        if fault and fault[1] == "reset":
            environ["wsgi.input"].read(length // 2)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return []
        if fault:
            environ["wsgi.input"].read(length)
            return _answer(start, "503 Slow Down", "SlowDown", "Please reduce your request rate.")
        answer: Iterable[bytes] = self._server(environ, start)
        return answer


@dataclass
class Bucket:
    """A bucket of a server; ``env`` has what the cloud's own tools look for."""

    name: str
    env: Mapping[str, str]
    client: Any
    door: Door = field(default_factory=Door)

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def files(self) -> dict[str, bytes]:
        """All objects and their content."""
        return {
            key: self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
            for key in self._keys()
        }

    def count(self) -> int:
        """How many objects there are."""
        return len(self._keys())

    def _keys(self) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]

    def clear(self) -> None:
        """Empty it, and let everything pass."""
        self.door.open()
        for key in self._keys():
            self.client.delete_object(Bucket=self.name, Key=key)
        self.door.seen.clear()

    def unfinished(self) -> list[str]:
        """Keys of uploads that were begun and neither completed nor given up."""
        found = self.client.list_multipart_uploads(Bucket=self.name)
        return [upload["Key"] for upload in found.get("Uploads", ())]


@contextmanager
def bucket() -> Iterator[Bucket]:
    """A server with an empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request
    door = Door()
    server = make_server("127.0.0.1", 0, door, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        env = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        client = boto3.client(
            "s3",
            endpoint_url=env["AWS_ENDPOINT_URL"],
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up-secret",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=BUCKET)
        made = Bucket(BUCKET, env, client, door)
        made.clear()  # all servers of a process have one memory
        yield made
    finally:
        server.shutdown()


def _operation(environ: Mapping[str, str]) -> str:
    """What a request asks for, in the words of S3."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    method = environ["REQUEST_METHOD"]
    has_key = "/" in environ["PATH_INFO"].strip("/")
    if "uploads" in query:
        return "CreateMultipartUpload" if method == "POST" else "ListMultipartUploads"
    if "uploadId" in query:
        return {
            "PUT": "UploadPart",
            "POST": "CompleteMultipartUpload",
            "DELETE": "AbortMultipartUpload",
        }.get(method, method)
    if method == "GET" and not has_key:
        return "ListObjectsV2"
    kind = "Object" if has_key else "Bucket"
    return f"{method.capitalize()}{kind}"


def _answer(start: Any, status: str, code: str, message: str) -> list[bytes]:  # noqa: ANN401  # WSGI
    body = _ERROR.format(code, message).encode()
    start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]
