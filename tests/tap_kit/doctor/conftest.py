"""The scripted vendor of the tests of the HTTP layer."""

from tests.tap_kit.http.conftest import make_request, vendor  # noqa: F401  # fixtures
