"""An S3 server on this machine, and a bucket in it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BUCKET = "evidence"


@dataclass
class Bucket:
    """A bucket of a server; ``env`` has what the cloud's own tools look for."""

    name: str
    env: Mapping[str, str]
    client: Any

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def files(self) -> dict[str, bytes]:
        """All objects and their content."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return {
            key: self.client.get_object(Bucket=self.name, Key=key)["Body"].read() for key in keys
        }

    def unfinished(self) -> list[str]:
        """Keys of uploads that were begun and neither completed nor given up."""
        found = self.client.list_multipart_uploads(Bucket=self.name)
        return [upload["Key"] for upload in found.get("Uploads", ())]


@contextmanager
def bucket() -> Iterator[Bucket]:
    """A server with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        env = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
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
        yield Bucket(BUCKET, env, client)
    finally:
        server.stop()
