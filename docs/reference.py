"""The generated parts of a tap's pages: settings, diagram, joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from docs.columns import keys_of, name_of, type_of
from docs.diagram import Entity, draw
from docs.relations import MODELS
from tap_kit.inputs.settings import common_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_kit.tap import KitTap

_COMMON = {prop.name for prop in common_settings(window="day", lookback_days=0)}


def settings_of(tap: type[KitTap]) -> dict[str, dict[str, Any]]:
    """A tap's settings by name, the SDK's own included."""
    schema = tap.config_jsonschema
    tap.append_builtin_config(schema)
    declared: dict[str, dict[str, Any]] = schema["properties"]
    return declared


def builtin_settings(tap: type[KitTap]) -> set[str]:
    """Names of the settings that the SDK adds."""
    empty: dict[str, Any] = {"properties": {}}
    tap.append_builtin_config(empty)
    return set(empty["properties"]) - _COMMON


def settings_reference(tap: type[KitTap]) -> str:
    """The settings of the tap and those of all taps, a table each."""
    builtin = builtin_settings(tap)
    names = [name for name in settings_of(tap) if name not in builtin]
    own = _settings_table(tap, [name for name in names if name not in _COMMON])
    common = _settings_table(tap, [name for name in names if name in _COMMON])
    return f"## Of {tap.name}\n\n{own}\n## Of all four taps\n\n{common}"


def sdk_settings(tap: type[KitTap]) -> str:
    """The settings that the SDK adds to each tap, as a table."""
    builtin = builtin_settings(tap)
    return _settings_table(tap, [name for name in settings_of(tap) if name in builtin])


def _settings_table(tap: type[KitTap], names: Iterable[str]) -> str:
    settings = settings_of(tap)
    required = set(tap.config_jsonschema.get("required", ()))
    lines = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    for name in names:
        for path, declared, wanted in _leaves(name, settings[name], required=name in required):
            lines.append(_setting(path, declared, required=wanted))
    return "\n".join(lines) + "\n"


def _leaves(
    path: str, declared: Mapping[str, Any], *, required: bool
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    yield path, declared, required
    for inner, prefix in ((declared, f"{path}."), (declared.get("items", {}), f"{path}[].")):
        for name, deeper in inner.get("properties", {}).items():
            wanted = name in inner.get("required", ())
            yield from _leaves(prefix + name, deeper, required=wanted)


def _setting(path: str, declared: Mapping[str, Any], *, required: bool) -> str:
    default = declared.get("default")
    shown = "" if default is None else f"`{value_text(default)}`"
    title = declared.get("title")
    secret = "*Secret.*" if declared.get("secret") else ""
    meaning = [f"**{title}.**" if title else "", declared.get("description", ""), secret]
    text = " ".join(" ".join(filter(None, meaning)).split())
    kind = f"{_type(declared)}, required" if required else _type(declared)
    return f"| `{path}` | {kind} | {shown} | {text.replace('|', chr(92) + '|')} |"


def _type(declared: Mapping[str, Any]) -> str:
    if choices := [choice for choice in declared.get("enum", ()) if choice is not None]:
        return " or ".join(f"`{choice}`" for choice in choices)
    low, high = declared.get("minimum"), declared.get("maximum")
    name = type_of(declared)
    if low is not None and high is not None:
        return f"{name}, {low}-{high}"
    if low is not None:
        return f"{name}, at least {low}"
    if declared.get("exclusiveMinimum") is not None:
        return f"{name} above {declared['exclusiveMinimum']}"
    return name


def value_text(value: object) -> str:
    """A setting's value as one writes it in YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).strip()
    return text.removesuffix("...").strip()


def diagram(tap: type[KitTap]) -> str:
    """The entity-relationship diagram, as HTML."""
    entities = {
        name_of(stream): Entity(
            name=name_of(stream),
            keys=tuple(keys_of(stream)),
            optional=not stream.selected_by_default,
            target=f"columns/{name_of(stream)}.html",
        )
        for stream in tap.stream_types
    }
    svg = draw(MODELS[tap.name], entities, f"Streams of {tap.name} and how they belong together")
    return f'<div class="diagram">\n{svg}\n</div>\n'


def joins_table(tap: type[KitTap]) -> str:
    """All relations as a Markdown table."""
    rows = ["| column | refers to | |", "|---|---|---|"]
    for relation in MODELS[tap.name].relations:
        many = "at most one row each" if relation.single else "many rows each"
        rows.append(f"| `{relation.child}` | `{relation.parent}` | {many} |")
    return "\n".join(rows) + "\n"
