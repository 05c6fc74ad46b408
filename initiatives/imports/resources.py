"""Doors in and out of the record: one resource for each table, used by commands, admin and downloads alike.

Every resource lists its columns, finds rows by natural key, validates like a form, and keeps the digest of
what was loaded, so that an edit made in the portal is not overwritten unasked.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export import resources
from import_export.fields import Field

from hled_portal.publishing.canonical_json import canonical, digest
from initiatives import models as record

from .natural_keys import forget
from .widgets import OneOfField, widget_for

TEXT_STATE = ("original_language", "translation_state", "agreed_digest")


def all_columns(model, first: str, without: str = "") -> tuple[str, ...]:
    """Every editable column of the model but those `without`: these first, the state of the translation last."""
    columns = [*model._meta.fields, *model._meta.many_to_many]
    last = [name for name in TEXT_STATE if name in {field.name for field in columns}]
    others = [field.name for field in columns if field.editable and not field.primary_key]
    apart = {*first.split(), *without.split(), *last}
    return (*first.split(), *(name for name in others if name not in apart), *last)


class RecordResource(resources.ModelResource):
    """What all tables share. `natural_key` names the columns that find a row."""

    natural_key: tuple[str, ...] = ("key",)
    overwrite = False
    reason: str | None = None  # What the history of each row says of how it came in.
    _is_unchanged = False
    _row, _row_found = None, None

    class Meta:
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        store_instance = True
        use_transactions = False

    @classmethod
    def field_from_django_field(cls, field_name, django_field, readonly):
        return Field(
            attribute=field_name,
            column_name=field_name,
            widget=widget_for(django_field),
            readonly=readonly,
            default=list if isinstance(django_field, models.ManyToManyField) else django_field.get_default,
        )

    def get_import_id_fields(self):
        return list(self.natural_key)

    def get_instance(self, instance_loader, row):
        """Found once for each row, though the library asks again."""
        if self._row is not row:
            self._row, self._row_found = row, self._find(row)
        return self._row_found

    def _find(self, row):
        lookup = {}
        for name in self.natural_key:
            field = self.fields[name]
            lookup |= field.lookup(row) if isinstance(field, OneOfField) else {field.attribute: field.clean(row)}
        absent = {f"{name}__isnull": True for name, value in lookup.items() if value is None}
        present = {name: value for name, value in lookup.items() if value is not None}
        return self._meta.model._default_manager.filter(**present, **absent).first()

    def cells(self, instance) -> dict[str, str]:
        """The row as a file would hold it."""
        return {
            field.column_name: str(field.export(instance)) for field in self.get_export_fields() if field.column_name
        }

    def digest_of(self, instance) -> str:
        return self._digest(self.cells(instance))

    @staticmethod
    def _digest(cells: dict[str, str]) -> str:
        return digest(canonical(cells))

    def before_import_row(self, row, **kwargs):
        """Refuse cells that cannot be read, and to overwrite what the portal changed since the last load."""
        given = self._given_cells(row)
        instance = self.get_instance(None, row)
        there = self.cells(instance) if instance is not None else {}
        changed = {name: cell for name, cell in given.items() if cell != there.get(name)}
        self._is_unchanged = instance is not None and not changed
        if self.overwrite or instance is None or instance.loaded_digest == self._digest(there):
            return
        if changed:
            message = _("Changed in the portal since the last load: there “%(there)s”, in the file “%(given)s”.")
            raise ValidationError({n: message % {"there": there[n], "given": cell} for n, cell in changed.items()})

    def _given_cells(self, row) -> dict[str, str]:
        """The row of the file as the record would write it. Raises ValidationError by column."""
        cells, errors = {}, {}
        for field in self.get_import_fields():
            name = field.column_name
            if name not in row:
                continue
            try:
                value = field.clean(row)
                cells[name] = field.render(row) if isinstance(field, OneOfField) else str(field.widget.render(value))
            except ValidationError as error:
                errors[name] = error.messages
            except (ValueError, ArithmeticError):
                errors[name] = [_("“%(text)s” cannot be read here.") % {"text": row[name]}]
        if errors:
            raise ValidationError(errors)
        return cells

    def before_save_instance(self, instance, row, **kwargs):
        super().before_save_instance(instance, row, **kwargs)
        instance._change_reason = self.reason

    def after_save_instance(self, instance, row, **kwargs):
        super().after_save_instance(instance, row, **kwargs)
        forget(self._meta.model)

    def skip_row(self, instance, original, row, import_validation_errors=None):
        return self._is_unchanged and not import_validation_errors

    def in_order(self) -> list:
        """Every row: what others hang on first, then by natural key."""
        rows = list(self._meta.model._default_manager.all())
        return sorted(rows, key=lambda row: (self._depth(row), self._sort_key(row)))

    def _sort_key(self, row) -> tuple:
        values = [str(self.fields[name].export(row)) for name in self.natural_key]
        return tuple(value.zfill(6) if value.isdigit() else value for value in values)

    def _depth(self, row) -> int:
        columns = [field for field in self._meta.model._meta.fields if field.name in self.fields]
        parents = [field.name for field in columns if field.related_model is type(row)]
        return max((1 + self._depth(above) for name in parents if (above := getattr(row, name))), default=0)


class CycleResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Cycle
        fields = all_columns(model, "key name_en name_es begins ends")


class PillarResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Pillar
        fields = all_columns(model, "key cycle number name_en name_es")


class WorkstreamResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Workstream
        fields = all_columns(model, "key pillar number name_en name_es")


class PlaceResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Place
        fields = all_columns(model, "key kind country parent name_en name_es latitude longitude replaced_by")


class TopicResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Topic
        fields = all_columns(model, "key name_en name_es replaced_by")


class OrganizationResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Organization
        fields = all_columns(model, "key kind country parent ended_edtf replaced_by")


class OrganizationNameResource(RecordResource):
    natural_key = ("organization", "order")

    class Meta(RecordResource.Meta):
        model = record.OrganizationName
        fields = all_columns(
            model,
            "organization order name_en name_es article_en article_es acronym_en acronym_es since_edtf until_edtf",
        )


class SuccessionResource(RecordResource):
    natural_key = ("predecessor", "successor")

    class Meta(RecordResource.Meta):
        model = record.Succession
        fields = all_columns(model, "predecessor successor")


class MeetingResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Meeting
        fields = all_columns(
            model, "key cycle kind name_en name_es date_edtf date_wording_en date_wording_es mode place"
        )


class HeadingResource(RecordResource):
    natural_key = ("meeting", "order")

    class Meta(RecordResource.Meta):
        model = record.Heading
        fields = all_columns(model, "meeting order pillar workstream text_en text_es introduction_en introduction_es")


class SourceResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Source
        fields = all_columns(
            model,
            "key kind name_en name_es language date_edtf date_wording_en date_wording_es address meeting replaced_by",
        )


class AliasResource(RecordResource):
    natural_key = ("of", "text", "language")
    of = OneOfField("of", ("organization", "place", "pillar"))

    class Meta(RecordResource.Meta):
        model = record.Alias
        fields = all_columns(model, "of text language", without="organization place pillar")


class AttendanceResource(RecordResource):
    natural_key = ("meeting", "order")

    class Meta(RecordResource.Meta):
        model = record.Attendance
        fields = all_columns(model, "meeting order delegation person office_en office_es organization")


class InitiativeResource(RecordResource):
    class Meta(RecordResource.Meta):
        model = record.Initiative
        fields = all_columns(
            model,
            "key pillar workstream parent kind title_en title_es summary_en summary_es stage confidence places "
            "topics replaced_by",
        )


class LinkResource(RecordResource):
    natural_key = ("initiative", "order")

    class Meta(RecordResource.Meta):
        model = record.Link
        fields = all_columns(model, "initiative order kind to_initiative to_organization unnamed_en unnamed_es")


class ReportingDutyResource(RecordResource):
    natural_key = ("initiative", "organization")

    class Meta(RecordResource.Meta):
        model = record.ReportingDuty
        fields = all_columns(model, "initiative organization user every")


class FactResource(RecordResource):
    natural_key = ("subject", "key")
    subject = OneOfField("subject", ("initiative", "meeting"))

    class Meta(RecordResource.Meta):
        model = record.Fact
        fields = all_columns(
            model,
            "subject key kind order side action object_en object_es modality relation date_edtf date_wording_en "
            "date_wording_es date_inferred duration places of mode series_position series_size series_rhythm "
            "end_edtf end_reason end_text_en end_text_es measure unit_en unit_es currency ready",
            without="initiative meeting",
        )


class DateChangeResource(RecordResource):
    natural_key = ("fact", "order")

    class Meta(RecordResource.Meta):
        model = record.DateChange
        fields = all_columns(
            model,
            "fact order old_edtf old_modality new_edtf new_modality reason text_en text_es changed_on changed_by",
        )


class ReadingResource(RecordResource):
    natural_key = ("fact", "order")

    class Meta(RecordResource.Meta):
        model = record.Reading
        fields = all_columns(
            model,
            "fact order status value qualifier as_of_edtf as_of_inferred period_edtf period_inferred duration "
            "places reporting_body",
        )


class ParticipationResource(RecordResource):
    natural_key = ("of", "order")
    of = OneOfField("of", ("initiative", "fact"))

    class Meta(RecordResource.Meta):
        model = record.Participation
        fields = all_columns(model, "of order role organization unnamed_en unnamed_es", without="initiative fact")


class CitationResource(RecordResource):
    natural_key = ("of", "order")
    of = OneOfField("of", ("initiative", "fact", "reading", "attendance"))

    class Meta(RecordResource.Meta):
        model = record.Citation
        fields = all_columns(
            model,
            "of order source locator heading heading_order",
            without="initiative fact reading attendance",
        )


#: The files of a review in the order in which they load.
FILES: dict[str, type[RecordResource]] = {
    "cycles": CycleResource,
    "pillars": PillarResource,
    "workstreams": WorkstreamResource,
    "places": PlaceResource,
    "topics": TopicResource,
    "organizations": OrganizationResource,
    "organization_names": OrganizationNameResource,
    "successions": SuccessionResource,
    "meetings": MeetingResource,
    "headings": HeadingResource,
    "sources": SourceResource,
    "aliases": AliasResource,
    "attendances": AttendanceResource,
    "initiatives": InitiativeResource,
    "links": LinkResource,
    "reporting_duties": ReportingDutyResource,
    "facts": FactResource,
    "date_changes": DateChangeResource,
    "readings": ReadingResource,
    "participations": ParticipationResource,
    "citations": CitationResource,
}
