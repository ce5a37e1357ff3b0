"""Addresses of folders and buckets, and the extras that they need."""

from __future__ import annotations

import pytest

from tap_kit.files.address import address_problem


@pytest.mark.parametrize(
    "url",
    [
        "file:///data/files",
        "file:///data/my%20files",
        "file://localhost/data",
        "s3://bucket",
        "s3://bucket/a/b/",
    ],
)
def test_addresses_that_are_right(url: str) -> None:
    assert address_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/data",
        "data",
        "file:data",
        "file://data/x",
        "file:///a%00b",
        "s3:///a",
        "s3://",
        "s3://key:secret@bucket",
        "s3://bucket?token=secret",
        "s3://bucket#secret",
        "https://example.com/files",
        "http://[",
    ],
)
def test_addresses_that_are_wrong(url: str) -> None:
    problem = address_problem(url)
    assert problem
    assert problem.startswith("must be file:///folder, s3://bucket/folder")
    assert "secret" not in problem


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [("s3://b", "s3fs", "s3"), ("gs://b", "gcsfs", "gcs"), ("az://b", "adlfs", "azure")],
)
def test_an_extra_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, url: str, module: str, extra: str
) -> None:
    monkeypatch.setattr("tap_kit.files.address.find_spec", lambda name: name != module or None)
    assert address_problem(url) == (
        f"needs an extra for {url[:2]}://; run pip install 'frontline-taps[{extra}]'"
    )
