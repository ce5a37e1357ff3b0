"""A stream's table: which column a property has, and of which kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from target_db.errors import LoadError
from target_db.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from target_db.kinds import Kind

LOADED_AT = "_loaded_at"
VERSION = "_sdc_table_version"
EXTRACTED_AT = "_sdc_extracted_at"
METADATA = (
    EXTRACTED_AT,
    "_sdc_received_at",
    "_sdc_batched_at",
    "_sdc_deleted_at",
    "_sdc_sequence",
    VERSION,
)


@dataclass(frozen=True)
class Declared:
    """A stream as its SCHEMA declares it.

    Attributes:
        stream: Its name.
        kinds: Kinds of its properties.
        keys: The key properties, none for a table to which rows are appended.
    """

    stream: str
    kinds: Mapping[str, Kind]
    keys: tuple[str, ...]

    @classmethod
    def read(cls, stream: str, schema: object, keys: object) -> Declared:
        """Read a SCHEMA message.

        Raises:
            LoadError: Its schema or its keys are not what the specification says.
        """
        properties = schema.get("properties", {}) if isinstance(schema, dict) else None
        names = [] if keys is None else keys
        if not isinstance(schema, dict) or not isinstance(properties, dict):
            msg = f"stream {stream}: its SCHEMA has no object of properties"
            raise LoadError(msg)
        if not isinstance(names, list) or not all(name in properties for name in names):
            msg = f"stream {stream}: its SCHEMA has key properties that its schema has not"
            raise LoadError(msg)
        kinds = {name: kind_of(declared, schema) for name, declared in properties.items()}
        return cls(stream, kinds, tuple(dict.fromkeys(names)))


@dataclass
class Table:
    """A table in the database.

    Attributes:
        stream: The stream's name.
        name: The table's name.
        columns: Names of columns by property.
        kinds: Kinds of columns by property, at least as wide as declared.
        keys: The key properties.
        metadata: Columns of the loader's own.
        has_no_conflicts: Whether this load has made it, and brought no key twice until now.
    """

    stream: str
    name: str
    columns: dict[str, str]
    kinds: dict[str, Kind]
    keys: tuple[str, ...]
    metadata: list[str] = field(default_factory=list)
    has_no_conflicts: bool = False

    @property
    def key_columns(self) -> list[str]:
        """Names of the key columns."""
        return [self.columns[name] for name in self.keys]


@dataclass(frozen=True)
class Existing:
    """What is there already: types of columns by name, and what they were renamed from."""

    types: Mapping[str, str]
    names: Mapping[str, str]


def named(
    wanted: Iterable[str], taken: Iterable[str], known: Mapping[str, str], rules: Names
) -> dict[str, str]:
    """A name in the database for each of the source's.

    Args:
        wanted: Names in the source.
        taken: Names that are there already; one that is equal is the same thing.
        known: Those of them that were made for another name in the source, by that name.
        rules: What the database takes.
    """
    free = set(taken)
    found = {name: known[name] for name in wanted if name in known}
    found |= {n: n for n in wanted if n in free and n not in found and n not in known.values()}
    used = {rules.fold(name) for name in (*free, *found.values())}
    for name in wanted:
        if name not in found:
            base = choice = rules.fitted(name)
            number = 1
            while rules.fold(choice) in used:
                number += 1
                choice = rules.fitted(f"{base}_{number}")
            found[name] = choice
            used.add(rules.fold(choice))
    return found


class Names:
    """What a database takes for a name: here anything, and case matters."""

    def fold(self, name: str) -> str:
        """The same for names that the database takes for one."""
        return name

    def fitted(self, name: str) -> str:
        """The name, or where the database does not take it one made of it."""
        return name.replace("\0", "") or "_"
