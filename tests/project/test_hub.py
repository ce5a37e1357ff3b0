"""What Meltano and its Hub are told of the taps."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from docs.generate import TAPS, plugin, whole_files
from docs.hub import LISTINGS, VARIANT
from target_db.command import TARGETS

if TYPE_CHECKING:
    from tap_kit.tap import KitTap
    from target_db.command import Target

HUB = Path(__file__).resolve().parent.parent.parent / "hub"
DEFINITIONS = sorted(HUB.glob("extractors/*/*.yml"))
NO_SECRETS = {
    "client_id",  # a name, which shows in logs of the vendor
    "organization_id",
    "token_url",
    "job_filters.workflowId",
    "job_filters.userId",
    "job_filters.jobId",
}
"""Names that look like those of secrets: looked at, one by one."""

SHOWN_BY = {
    "about": "behaviours/test_command.py::test_version_and_about_need_no_settings",
    "activate-version": (
        "behaviours/test_command.py::test_versions_are_activated_behind_full_tables"
    ),
    "batch": "behaviours/test_command.py::test_stream_maps_flattening_and_batches_work",
    "catalog": "behaviours/test_catalog.py::test_only_selected_streams_are_read",
    "discover": "behaviours/test_command.py::test_discover_prints_the_catalog",
    "schema-flattening": "behaviours/test_command.py::test_stream_maps_flattening_and_batches_work",
    "state": "behaviours/test_interruption.py::test_every_state_line_is_a_place_to_go_on_from",
    "stream-maps": "behaviours/test_command.py::test_stream_maps_flattening_and_batches_work",
    "structured-logging": "pipelines/test_nights.py::test_meltano_understands_the_structured_log",
    "test": "behaviours/test_command.py::test_test_says_which_streams_can_be_read",
}
"""The test of each capability; all of them run for each tap."""

each_tap = pytest.mark.parametrize("tap", TAPS, ids=lambda tap: tap.name)


@pytest.mark.parametrize(
    ("path", "text"), list(whole_files()), ids=lambda value: Path(value).name[:20]
)
def test_generated_files_are_current(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `make generate`"


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.parent.name)
def test_a_definition_is_valid_for_the_hub(path: Path) -> None:
    schemas = [json.loads(found.read_text("utf-8")) for found in HUB.glob("schemas/*/*.json")]
    registry = Registry[Any]().with_resources(
        (schema["$id"], Resource.from_contents(schema, default_specification=DRAFT7))
        for schema in schemas
    )
    (extractors,) = (schema for schema in schemas if schema["$id"] == "extractors.schema.json")
    definition = yaml.safe_load(path.read_text(encoding="utf-8"))
    errors = Draft7Validator(extractors, registry=registry).iter_errors(definition)
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.command)
def test_a_loaders_definition_is_valid_for_the_hub(target: Target) -> None:
    schemas = [json.loads(found.read_text("utf-8")) for found in HUB.glob("schemas/*/*.json")]
    registry = Registry[Any]().with_resources(
        (schema["$id"], Resource.from_contents(schema, default_specification=DRAFT7))
        for schema in schemas
    )
    path = HUB / "loaders" / target.command / f"{VARIANT}.yml"
    definition = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in ("common/common.schema.json", "hub_metadata.schema.json"):
        errors = Draft7Validator({"$ref": name}, registry=registry).iter_errors(definition)
        assert [error.message for error in errors] == []
    names = {setting["name"] for setting in definition["settings"]}
    assert names == set(target.settings["properties"])
    assert {name for group in definition["settings_group_validation"] for name in group} <= names


def test_there_is_a_definition_for_each_tap() -> None:
    assert {path.parent.name for path in DEFINITIONS} == {tap.name for tap in TAPS}


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.parent.name)
def test_a_definition_has_its_logo(path: Path) -> None:
    logo_url = yaml.safe_load(path.read_text(encoding="utf-8"))["logo_url"]
    logo = (HUB / "static" / logo_url.removeprefix("/")).read_text(encoding="utf-8")
    assert ET.fromstring(logo).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  # our own
    assert "href" not in logo


@each_tap
def test_every_capability_has_a_test(tap: type[KitTap]) -> None:
    assert set(plugin(tap)["capabilities"]) == set(SHOWN_BY)
    for shown in SHOWN_BY.values():
        name, _, function = shown.partition("::")
        assert f"def {function}(" in (HUB.parent / "tests" / name).read_text(encoding="utf-8")


@each_tap
def test_settings_that_look_like_secrets_are_secret_or_have_been_looked_at(
    tap: type[KitTap],
) -> None:
    for setting in plugin(tap)["settings"]:
        name = setting["name"]
        alike = any(word in name.lower() for word in ("password", "id", "token", "key", "secret"))
        if setting["kind"] == "string" and alike:
            assert bool(setting.get("sensitive")) == (name not in NO_SECRETS), name


@each_tap
def test_every_setting_says_what_it_is(tap: type[KitTap]) -> None:
    for setting in plugin(tap)["settings"]:
        assert setting["label"], setting["name"]
        assert setting["description"], setting["name"]


@each_tap
def test_credentials_are_settings_and_every_secret_is_in_the_example(tap: type[KitTap]) -> None:
    settings = {setting["name"]: setting for setting in plugin(tap)["settings"]}
    credentials = {name for group in LISTINGS[tap.name].credentials for name in group}
    assert credentials <= set(settings)
    assert set(tap.config_jsonschema.get("required", ())) <= credentials
    example = (HUB.parent / ".env.example").read_text(encoding="utf-8")
    secrets = {name for name in settings if settings[name].get("sensitive")}
    for name in credentials | {*LISTINGS[tap.name].also} | secrets:
        assert f"#{tap.name}_{name}=".replace("-", "_").upper() in example
