"""The base of all streams: a declaration of name, keys, columns and how they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from singer_sdk.singerlib import Metadata

from tap_kit.errors import SettingsError
from tap_kit.inputs.catalog import narrowed
from tap_kit.sdk import SdkStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from singer_sdk.helpers import types
    from singer_sdk.singerlib import Catalog, CatalogEntry, MetadataMapping

    from tap_kit.streams.context import TapContext


class ReaderFactory(Protocol):
    """What a stream's class declares as its ``reader``: a callable object or a static method.

    A plain function would become a method.
    """

    def __call__(
        self,
        tap: Any,  # noqa: ANN401  # each tap's factories take its own classes
        streams: Sequence[Any],
        /,
    ) -> Iterable[Any]:
        """Make the readers of a family.

        Args:
            tap: The tap, with what its readers share.
            streams: Those that are selected of the stream itself and of all that are read with it,
                one at least, in declared order.

        Returns:
            Each a :class:`tap_kit.streams.reader.Reader`, in the order of emission; together they
            serve all of these streams. (A reader knows its streams, so they can't name its class.)
        """


class BackfillFactory(Protocol):
    """What a stream's class declares as its ``backfill``: a callable object or a static method."""

    def __call__(
        self,
        tap: Any,  # noqa: ANN401  # each tap's factories take its own classes
        streams: Sequence[Any],
        shards: int,
        /,
    ) -> Iterable[Any]:
        """Cut the past of a family; sends a few requests where those tell how much there is.

        Args:
            tap: The tap, with what its readers share.
            streams: The selected incremental streams of the family, one at least.
            shards: Into how many parts the whole backfill is to be cut, at the most.

        Returns:
            Each a :class:`tap_kit.streams.backfill.Track`. (A track's bookmarks are a reader's,
            which knows streams, so they can't name its class.)
        """


class RecordStream(SdkStream):
    """A stream; its subclasses only declare.

    Each says how it is read: with a ``reader``, or together with another stream (``read_with``).
    ``name``, ``primary_keys``, ``replication_key``, ``schema`` and ``selected_by_default`` are the
    SDK's. A stream whose bookmark is its parent's declares ``follows_parent`` instead of a key.
    """

    reader: ClassVar[ReaderFactory | None] = None
    """Makes what reads this stream and those that are read with it."""

    read_with: ClassVar[type[RecordStream] | None] = None
    """The stream on whose pages this one's records lie, instead of a reader of its own."""

    backfill: ClassVar[BackfillFactory | None] = None
    """Cuts the past of this stream and of those that are read with it; None: it can't be cut."""

    source: ClassVar[str] = ""
    """The vendor's endpoint and document section, for documentation."""

    other_replication_keys: ClassVar[Sequence[str]] = ()
    """Keys that the catalog may choose instead of ``replication_key``.

    Where the stream has none, it is a full table unless the catalog chooses one of them, or
    INCREMENTAL, which means the first.
    """

    follows_parent: ClassVar[bool] = False
    """True where rows come with a parent's pages and are complete as far as those are."""

    replicates_with: ClassVar[str | None] = None
    """Name of the stream with which this one is a full table or incremental, unless the catalog
    says so of this one. Its bookmark is its own."""

    needs_setting: ClassVar[str | None] = None
    """The setting without which the stream is not there."""

    signed_links: ClassVar[Sequence[str]] = ()
    """Paths of fields that hold signed links: ``files.*.downloadUrl``; ``*`` is each item."""

    secret_fields: ClassVar[Sequence[str]] = ()
    """Paths of fields that hold credentials."""

    @property
    def tap(self) -> TapContext:
        """The tap."""
        tap: TapContext = self.owner  # type: ignore[assignment]  # only KitTap makes these streams
        return tap

    @property
    def replication_method(self) -> str:
        """``INCREMENTAL`` also where the bookmark is the parent's."""
        if self.forced_replication_method is None:
            if self.follows_parent:
                return "INCREMENTAL"
            if self.replicates_with is not None:
                method: str = self.tap.streams[self.replicates_with].replication_method
                return method
        return super().replication_method

    @property
    def incremental(self) -> bool:
        """Whether bookmarks are read and moved."""
        return self.replication_method == "INCREMENTAL"

    @property
    def metadata(self) -> MetadataMapping:
        """The SDK's metadata, with every replication key that may be chosen."""
        metadata = super().metadata
        if self.other_replication_keys and not self.follows_catalog:
            metadata.root.valid_replication_keys = [
                *(metadata.root.valid_replication_keys or ()),
                *(
                    key
                    for key in self.other_replication_keys
                    if key not in (metadata.root.valid_replication_keys or ())
                ),
            ]
        return metadata

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take over the catalog; its metadata may choose another replication key.

        Raises:
            SettingsError: The chosen key or method is none of the stream's, or a column can't be
                of its type.
        """
        declared = self.replication_key
        keys = self.primary_keys
        super().apply_catalog(catalog)
        entry = catalog.get_stream(self.name)
        if entry is None:
            return
        self._keep_keys(keys, entry)
        self._check_types()
        chosen = entry.metadata.root.replication_key or entry.replication_key
        if chosen and chosen != declared and chosen not in self.other_replication_keys:
            valid = ", ".join(key for key in (declared, *self.other_replication_keys) if key)
            msg = (
                f"catalog: stream {self.name} can't be replicated by {chosen!r}; "
                f"replication-key is {'one of: ' + valid if valid else 'not supported here'}"
            )
            raise SettingsError(msg)
        self.replication_key = chosen or declared
        method = self.forced_replication_method = self._chosen_method(entry, declared)
        if declared is None and self.other_replication_keys:
            first, *_ = self.other_replication_keys
            self.replication_key = (chosen or first) if method == "INCREMENTAL" else None
            self._keep_column(self.replication_key)
        if method is not None and not self._can_be(method):
            msg = (
                f"catalog: stream {self.name} can't be replicated as {method}; "
                f"replication-method is {'INCREMENTAL or ' * self._can_be('INCREMENTAL')}FULL_TABLE"
            )
            raise SettingsError(msg)

    def _keep_column(self, name: str | None) -> None:
        """Select the column of a chosen replication key, which the SCHEMA message names."""
        if name is not None:
            self.metadata["properties", name].inclusion = Metadata.InclusionType.AUTOMATIC

    def _chosen_method(self, entry: CatalogEntry, declared: str | None) -> str | None:
        """The replication method that the catalog's author wants; None: the stream's own.

        Discovery writes FULL_TABLE for every stream without a key of its own. So there it says
        nothing, other than in the metadata, where discovery writes no method.
        """
        root = entry.metadata.root
        method = root.forced_replication_method or entry.replication_method
        said = root.forced_replication_method is not None or method == "INCREMENTAL"
        if said or declared is not None or self.follows_parent:
            return method
        if root.replication_key or entry.replication_key:
            return "INCREMENTAL"
        return None if self.replicates_with is not None else method

    def _keep_keys(self, keys: Sequence[str], entry: CatalogEntry) -> None:
        """Refuse other keys than the stream's own, under which records would come twice."""
        self.primary_keys = keys
        if not entry.key_properties:  # without keys, targets would append every record
            entry.key_properties = list(keys)
        for chosen in (entry.metadata.root.table_key_properties, entry.key_properties):
            if chosen and {*chosen} != {*keys}:
                msg = (
                    f"catalog: stream {self.name}: table-key-properties must be "
                    f"{', '.join(keys)}, the stream's own, not {', '.join(chosen)}; leave them out "
                    "of the metadata (a stream map may set __key_properties__), or run discovery "
                    "again where the settings have changed"
                )
                raise SettingsError(msg)

    def _check_types(self) -> None:
        """Refuse columns of a type that targets would not find in the records."""
        for column, types in narrowed(self.schema, {"properties": self.columns}):
            msg = (
                f"catalog: stream {self.name}, column {column}: the records hold {types}, which "
                "its type there does not allow; give it the type that discovery found"
            )
            raise SettingsError(msg)

    def _can_be(self, method: str) -> bool:
        keyed = self.replication_key or self.other_replication_keys
        follows = self.follows_parent or self.replicates_with is not None
        return method == "FULL_TABLE" or (method == "INCREMENTAL" and bool(keyed or follows))

    @property
    def columns(self) -> Mapping[str, Any]:
        """The properties known at discovery: those of the catalog, if there is one."""
        entry = self.tap.input_catalog.get_stream(self.name) if self.tap.input_catalog else None
        schema = entry.schema.to_dict() if entry else self.schema
        properties: Mapping[str, Any] = schema.get("properties", {})
        return properties

    def get_records(self, context: types.Context | None) -> Iterable[types.Record]:  # noqa: ARG002  # the SDK's signature
        """Yield all records of this stream alone, for the SDK's own loop (tests, dry runs)."""
        yield from self.tap.records_of(self.name)
