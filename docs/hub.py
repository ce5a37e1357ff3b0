"""Definitions of the taps for Meltano Hub, and the variables that hold their secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from docs.address import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_kit.tap import KitTap

VARIANT = "frontline-taps"


class Listing(NamedTuple):
    """What the Hub shows of a tap that the tap itself does not know.

    Attributes:
        label: Name of the vendor's product.
        description: What it is, in a sentence.
        domain_url: The vendor's page about the API.
        credentials: Settings of which one group has to be given.
        brings: What its data are about, in some words.
        also: Settings that most accounts have to give besides.
    """

    label: str
    description: str
    domain_url: str
    credentials: tuple[tuple[str, ...], ...]
    brings: str
    also: tuple[str, ...] = ()


LISTINGS: Mapping[str, Listing] = {
    "tap-flow": Listing(
        "Onsight Flow",
        "Librestream's Onsight Flow guides field workers through digital workflows.",
        "https://www.flow.librestream.com/",
        (("client_id", "client_secret"), ("access_token",), ("query_key",)),
        "frontline work: jobs, steps, attachments, workflows, schedules, users",
    ),
    "tap-giosg": Listing(
        "giosg",
        "giosg is a platform for chat and interactions with the visitors of web sites.",
        "https://docs.giosg.com/",
        (("api_token",),),
        "customer interaction workflows: their events, from JSON, CSV or XLSX",
    ),
    "tap-crewmojo": Listing(
        "Crewmojo",
        "Crewmojo is a platform for goals, feedback and one-on-ones of employees.",
        "https://docs.crewmojo.com/download/api",
        (("client_id", "client_secret", "reports"),),
        "people performance: any report of the download API, by date range",
        ("start_date",),
    ),
    "tap-xoi": Listing(
        "XOi",
        "XOi documents the work of field technicians on site.",
        "https://integration-docs.xoi.io/",
        (("api_key", "api_secret"),),
        "field service: jobs, documentation, step values by reference key",
    ),
}


def definition(plugin: Mapping[str, Any], tap: type[KitTap]) -> dict[str, Any]:
    """A tap's definition for the Hub, from that in ``meltano.yml``."""
    listing = LISTINGS[tap.name]
    return {
        "capabilities": sorted(plugin["capabilities"]),
        "description": listing.description,
        "domain_url": listing.domain_url,
        "executable": plugin["executable"],
        "keywords": ["api", "meltano_sdk"],
        "label": listing.label,
        "logo_url": logo_url(tap.name),
        "log_parser": "singer-sdk",
        "maintenance_status": "beta",
        "name": plugin["name"],
        "namespace": plugin["namespace"],
        "pip_url": f"git+{REPOSITORY}",
        "quality": "silver",
        "repo": REPOSITORY,
        "select": plugin["select"],
        "settings": [_setting(setting) for setting in plugin["settings"]],
        "settings_group_validation": [list(group) for group in listing.credentials],
        "supported_python_versions": list(tap._get_about_info().supported_python_versions or ()),  # noqa: SLF001  # what --about shows
        "variant": VARIANT,
    }


def logo_url(name: str) -> str:
    """Where the Hub keeps the logo of a tap; below ``hub/static`` here."""
    return f"/assets/logos/extractors/{name.removeprefix('tap-')}.svg"


def definition_text(plugin: Mapping[str, Any], tap: type[KitTap]) -> str:
    """The definition as the Hub keeps it: keys in order, lists not indented."""
    return yaml.safe_dump(definition(plugin, tap), sort_keys=True, allow_unicode=True, width=96)


def _setting(setting: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(setting)
    if found.get("sensitive"):
        found["kind"] = "password"
    return found


def environment_text(plugins: Iterable[Mapping[str, Any]]) -> str:
    """``.env.example``: every secret, and what else has to be given with it."""
    lines = [
        "# Copy to .env, fill in what you use and remove the # before it: an empty variable is a",
        "# setting too. Everything else is in meltano.yml.",
    ]
    for plugin in plugins:
        name = plugin["name"]
        listing = LISTINGS[name]
        settings = {setting["name"]: setting for setting in plugin["settings"]}
        grouped = [setting for group in listing.credentials for setting in group]
        others = [
            setting
            for setting, declared in settings.items()
            if declared.get("sensitive") and setting not in grouped
        ]
        lines += ["", f"# {name}: {listing.label}"]
        for number, group in enumerate((*listing.credentials, *((other,) for other in others))):
            lines += ["# or"] if number else []
            lines += [
                f"#{_variable(name, setting)}={_hint(settings[setting])}" for setting in group
            ]
        lines += [
            f"#{_variable(name, setting)}={_hint(settings[setting])}" for setting in listing.also
        ]
    lines += ["", "# target-postgres"]
    lines += [
        f"#{_variable('target-postgres', setting)}={value}"
        for setting, value in (
            ("host", "localhost"),
            ("port", "5432"),
            ("user", ""),
            ("password", ""),
            ("database", ""),
        )
    ]
    return "\n".join(lines) + "\n"


def _variable(plugin: str, setting: str) -> str:
    return f"{plugin}_{setting}".replace("-", "_").upper()


def _hint(setting: Mapping[str, Any]) -> str:
    """A value to begin with, where the form is not obvious."""
    hints = {"array": """'[{"report": "oneonone.summary"}]'""", "date_iso8601": "2026-01-01"}
    return hints.get(setting["kind"], "")
