"""Editions: frozen, numbered public copies, with an index built from their content."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Pair, in_language
from hled_portal.i18n.choice_labels import ChoiceLabels
from hled_portal.publishing.signed_text import OPEN, Signed, State
from hled_portal.search.fulltext import Searchable, ranked_key
from initiatives.content import search_documents, snapshot_content
from initiatives.vocabulary.actions import CHOICES, FactKind, Modality
from initiatives.vocabulary.choices import Confidence, EndReason, FacetKind, InitiativeKind, Stage, SubjectKind
from initiatives.vocabulary.fact_status import FactStatus, fact_status

from .querysets import EditionQuerySet, EntryQuerySet

#: Texts of a release whose rows of the index are in memory together.
INDEXED_AT_ONCE = 200


class Edition(Signed):
    """A frozen text of one initiative, pillar, meeting or register entry.

    The columns below the identity are an index, built from the content by `build_index`.
    """

    identity = ("subject_kind", "subject_key")

    subject_kind = models.CharField(_("type of record"), max_length=15, choices=SubjectKind, editable=False)
    subject_key = models.CharField(
        _("key of the initiative, meeting or reference entry"), max_length=80, editable=False
    )

    title_en = models.CharField(max_length=250, blank=True, editable=False)
    title_es = models.CharField(max_length=250, blank=True, editable=False)
    title = Pair()
    #: Titles without case and accents, by which results of a search are sorted.
    folded_title_en = models.TextField(blank=True, editable=False)
    folded_title_es = models.TextField(blank=True, editable=False)
    summary_en = models.TextField(blank=True, editable=False)
    summary_es = models.TextField(blank=True, editable=False)
    summary = Pair()
    cycle_key = models.CharField(max_length=80, blank=True, editable=False)
    pillar_key = models.CharField(max_length=80, blank=True, db_index=True, editable=False)
    workstream_key = models.CharField(max_length=80, blank=True, editable=False)
    parent_key = models.CharField(max_length=80, blank=True, editable=False)
    kind = models.CharField(max_length=20, choices=InitiativeKind, blank=True, editable=False)
    stage = models.CharField(_("status"), max_length=10, choices=Stage, blank=True, editable=False)
    confidence = models.CharField(max_length=10, choices=Confidence, blank=True, editable=False)
    last_reported = models.DateField(null=True, editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta(Signed.Meta):
        abstract = False
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["subject_kind", "subject_key", "number"]
        permissions = [
            ("propose_edition", "Can propose an edition"),
            ("clear_edition", "Can set a delegation's key on an edition"),
            ("release_edition", "Can release editions"),
        ]
        indexes = [
            # With all that counts read, so that they do not read the contents beside it.
            models.Index(
                fields=[
                    "subject_kind",
                    "pillar_key",
                    "workstream_key",
                    "stage",
                    "basis",
                    "last_reported",
                    "public_from",
                ],
                condition=Q(state=State.PUBLISHED),
                name="edition_published_counts",
            ),
            models.Index(
                fields=["subject_kind", "subject_key", "number"],
                condition=Q(state=State.WITHDRAWN),
                name="edition_withdrawn",
            ),
            models.Index(
                fields=["subject_kind", "last_reported"],
                condition=Q(state=State.PUBLISHED),
                name="edition_published_reported",
            ),
            models.Index(
                fields=["subject_kind", "public_from"], condition=Q(number__isnull=False), name="edition_released_days"
            ),
            models.Index(fields=["parent_key"], name="edition_parent"),
            models.Index(fields=["state"], name="edition_state"),
        ]
        constraints = [
            *Signed.Meta.constraints,
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key", "number"],
                name="edition_number_once",
                violation_error_message=_("This version number is already in use."),
            ),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key"],
                condition=Q(state__in=OPEN),
                name="edition_one_open_proposal",
                violation_error_message=_("There is already an open proposal for this text."),
            ),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key"],
                condition=Q(state=State.PUBLISHED),
                name="edition_one_published",
                violation_error_message=_("Only one version of a text can be the current published one."),
            ),
        ]

    def __str__(self):
        return self.text if self.number else self.name

    @cached_property
    def data(self) -> dict:
        """The content, read."""
        return snapshot_content.parse_content(self.content)

    @property
    def caption(self):
        """The kind and the title of the subject: a text that waits has no index yet."""
        title = self.title or in_language(snapshot_content.columns(self.data), "title")
        return f"{self.get_subject_kind_display().capitalize()}: {title}"

    @classmethod
    def public_subjects(cls, texts):
        # Not from `data`, which stays with its text: a release may have thousands of texts.
        contents = (snapshot_content.parse_content(text.content) for text in texts)
        keys = {key for content in contents for _kind, key in snapshot_content.needed(content)}
        rows = cls.objects.published().filter(subject_key__in=keys).order_by()
        return set(rows.values_list("subject_kind", "subject_key"))

    def refusals_of_release(self, together, public):
        """Name the entries that the text needs and that would not be public with it."""
        with_it = {(text.subject_kind, text.subject_key) for text in together}
        lacking = snapshot_content.needed(snapshot_content.parse_content(self.content)) - with_it - public
        return [
            _t("%(text)s mentions %(entry)s, which has not been published.")
            % {"text": self.caption, "entry": self._caption_of(*subject)}
            for subject in sorted(lacking)
        ]

    @classmethod
    def _caption_of(cls, kind: str, key: str) -> str:
        """What people call another subject: as it was proposed last, else as it is entered."""
        newest = cls.objects.filter(subject_kind=kind, subject_key=key).order_by("-pk").first()
        if newest is not None:
            return newest.caption
        row = cls._meta.apps.get_model("initiatives", kind).objects.filter(key=key).first()
        return f"{SubjectKind(kind).label.capitalize()}: {row or key}"

    @classmethod
    def on_published(cls, texts):
        cls._write_index(texts)

    def on_withdrawn(self):
        self.build_index()

    def build_index(self) -> None:
        """Make columns and rows of the index from the content, alike each time; of a withdrawn edition none."""
        if self.state == State.WITHDRAWN:
            self._clear_index()
            return
        self._clear_rows()
        self._write_index([self])

    @classmethod
    def _write_index(cls, editions: list["Edition"]) -> None:
        """Fill the columns and make the rows of editions of one publication that have no rows."""
        sources = cls._sources_known_to(editions)
        for start in range(0, len(editions), INDEXED_AT_ONCE):
            cls._write_index_rows(editions[start : start + INDEXED_AT_ONCE], sources)

    @classmethod
    def _write_index_rows(cls, editions: list["Edition"], sources: dict[str, dict]) -> None:
        facets, entries, search_rows = [], [], []
        for edition in editions:
            data = snapshot_content.parse_content(edition.content)
            source_days = snapshot_content.source_days(
                {("source", key): sources[key] for key in snapshot_content.cited(data) if key in sources}
            )
            columns = snapshot_content.columns(data) | {"last_reported": edition._last_reported(data, source_days)}
            for name, value in columns.items():
                setattr(edition, name, value)
            edition.save(update_fields=columns)
            facets += [
                Facet(edition=edition, kind=kind, key=key, role=role)
                for kind, key, role in sorted(snapshot_content.facets(data))
            ]
            entries += [Entry(edition=edition, **entry) for entry in snapshot_content.build_entries(data, source_days)]
            search_rows += [SearchRow.of_edition(edition, **row) for row in search_documents.rows(data)]
        Facet.objects.bulk_create(facets)
        Entry.objects.bulk_create(entries)
        SearchRow.objects.bulk_create(search_rows)

    def _clear_index(self) -> None:
        """Leave no word of the text; cycle and pillar stay, to show the marker where the text stood."""
        for name in snapshot_content.columns(self.data).keys() - {"cycle_key", "pillar_key"}:
            setattr(self, name, "")
        self.last_reported = None
        self.save()
        self._clear_rows()

    def _clear_rows(self) -> None:
        for rows in (self.facets, self.entries, self.search_rows):
            rows.all().delete()

    @staticmethod
    def _sources_known_to(editions: list["Edition"]) -> dict[str, dict]:
        """The content of each source cited, as known when these editions were published."""
        contents = (snapshot_content.parse_content(edition.content) for edition in editions)
        cited = {key for content in contents for key in snapshot_content.cited(content)}
        sources = Edition.objects.of_kind(SubjectKind.SOURCE).filter(
            subject_key__in=cited, publication__lte=editions[0].publication
        )
        return {source.subject_key: source.data for source in sources.order_by("publication", "pk")}

    def _last_reported(self, data: dict, source_days: dict[str, datetime.date | None]) -> datetime.date | None:
        """The newest day of the sources cited, and of what it reports; of a source its own day.

        A report need not cite a source. Its period may end later than the day of its publication, which comes first.
        """
        days = [min(day, self.public_from) for day in snapshot_content.reported_days(data)]
        return max((day for day in [*source_days.values(), *days] if day), default=None)


class Facet(models.Model):
    """What an edition can be filtered by."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="facets")
    kind = models.CharField(max_length=15, choices=FacetKind)
    key = models.CharField(max_length=80)
    role = models.CharField(max_length=15, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind", "key", "role"], name="facet_once"),
        ]
        indexes = [models.Index(fields=["kind", "key"], name="facet_kind_key")]

    def __str__(self):
        return f"{self.kind}: {self.key}"


class Entry(ChoiceLabels, models.Model):
    """One fact of an edition, for lists by date.

    `first_*` is the first published date. `mentioned_on`: the day of the newest of several sources.
    """

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="entries")
    fact_key = models.CharField(max_length=50)
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=FactKind)
    side = models.CharField(max_length=5)
    action = models.CharField(max_length=20, choices=CHOICES, blank=True)
    object_en = models.TextField()
    object_es = models.TextField()
    object = Pair()
    modality = models.CharField(max_length=10, choices=Modality, blank=True)
    relation = models.CharField(max_length=5, blank=True)
    edtf = models.CharField(max_length=40, blank=True)
    wording_en = models.CharField(max_length=80, blank=True)
    wording_es = models.CharField(max_length=80, blank=True)
    wording = Pair()
    earliest = models.DateField(null=True)
    latest = models.DateField(null=True, db_index=True)
    first_edtf = models.CharField(max_length=40, blank=True)
    first_modality = models.CharField(max_length=10, choices=Modality, blank=True)
    first_latest = models.DateField(null=True)
    mentioned_on = models.DateField(null=True)
    ended = models.CharField(max_length=10, choices=EndReason, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["edition_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "fact_key"], name="entry_once"),
        ]

    def __str__(self):
        return self.fact_key

    def status_on(self, day: datetime.date, *, cycle_over: bool) -> FactStatus | None:
        return fact_status(
            modality=self.modality,
            ended=self.ended,
            earliest=self.earliest,
            latest=self.latest,
            day=day,
            cycle_over=cycle_over,
        )


class SearchRow(Searchable):
    """Searchable words of an edition in one language. `anchor` is the key of their fact; empty for the whole."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="search_rows")
    anchor = models.CharField(max_length=50, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "language", "where", "anchor"], name="search_row_once"),
        ]

    def __str__(self):
        return f"{self.language}: {self.anchor or self.get_where_display()}"

    @classmethod
    def of_edition(cls, edition: Edition, passage: int, **columns) -> "SearchRow":
        """A row with the primary key that searches rank by; the passages of an edition are numbered."""
        ranked = {name: columns[name] for name in ("where", "language", "length")}
        return cls(pk=ranked_key(edition.pk, passage, **ranked), edition=edition, **columns)
