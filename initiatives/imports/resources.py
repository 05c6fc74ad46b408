"""The columns of each table: one resource for each, used by commands, the staff site and downloads alike."""

from django.db import models
from import_export import resources
from import_export.fields import Field

from initiatives import models as record

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

    @classmethod
    def field_from_django_field(cls, field_name, django_field, readonly):
        return Field(
            attribute=field_name,
            column_name=field_name,
            widget=widget_for(django_field),
            readonly=readonly,
            default=list if isinstance(django_field, models.ManyToManyField) else django_field.get_default,
        )

    def in_order(self) -> list:
        """Every row: parents first, then by natural key."""
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
    class Meta:
        model = record.Cycle
        fields = all_columns(model, "key name_en name_es begins ends")


class PillarResource(RecordResource):
    class Meta:
        model = record.Pillar
        fields = all_columns(model, "key cycle number name_en name_es")


class WorkstreamResource(RecordResource):
    class Meta:
        model = record.Workstream
        fields = all_columns(model, "key pillar number name_en name_es")


class PlaceResource(RecordResource):
    class Meta:
        model = record.Place
        fields = all_columns(model, "key kind country parent city name_en name_es latitude longitude replaced_by")


class TopicResource(RecordResource):
    class Meta:
        model = record.Topic
        fields = all_columns(model, "key name_en name_es replaced_by")


class OrganizationResource(RecordResource):
    class Meta:
        model = record.Organization
        fields = all_columns(model, "key kind country parent ended_edtf ended_source replaced_by")


class OrganizationNameResource(RecordResource):
    natural_key = ("organization", "order")

    class Meta:
        model = record.OrganizationName
        fields = all_columns(
            model,
            "organization order name_en name_es article_en article_es acronym_en acronym_es since_edtf until_edtf",
        )


class SuccessionResource(RecordResource):
    natural_key = ("predecessor", "successor")

    class Meta:
        model = record.Succession
        fields = all_columns(model, "predecessor successor")


class MeetingResource(RecordResource):
    class Meta:
        model = record.Meeting
        fields = all_columns(
            model, "key cycle kind name_en name_es date_edtf date_wording_en date_wording_es mode place"
        )


class HeadingResource(RecordResource):
    natural_key = ("meeting", "order")

    class Meta:
        model = record.Heading
        fields = all_columns(model, "meeting order pillar workstream text_en text_es introduction_en introduction_es")


class SourceResource(RecordResource):
    class Meta:
        model = record.Source
        fields = all_columns(
            model,
            "key kind name_en name_es language date_edtf date_wording_en date_wording_es address meeting replaced_by",
        )


class AliasResource(RecordResource):
    natural_key = ("of", "text", "language")
    of = OneOfField("of", ("organization", "place", "pillar"))

    class Meta:
        model = record.Alias
        fields = all_columns(model, "of text language", without="organization place pillar")


class AttendanceResource(RecordResource):
    natural_key = ("meeting", "order")

    class Meta:
        model = record.Attendance
        fields = all_columns(model, "meeting order delegation person office_en office_es organization")


class InitiativeResource(RecordResource):
    class Meta:
        model = record.Initiative
        fields = all_columns(
            model,
            "key pillar workstream parent kind title_en title_es summary_en summary_es stage confidence places "
            "topics replaced_by",
        )


class LinkResource(RecordResource):
    natural_key = ("initiative", "order")

    class Meta:
        model = record.Link
        fields = all_columns(model, "initiative order kind to_initiative to_organization unnamed_en unnamed_es")


class ReportingDutyResource(RecordResource):
    natural_key = ("initiative", "organization")

    class Meta:
        model = record.ReportingDuty
        fields = all_columns(model, "initiative organization user every")


class FactResource(RecordResource):
    natural_key = ("subject", "key")
    subject = OneOfField("subject", ("initiative", "meeting"))

    class Meta:
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

    class Meta:
        model = record.DateChange
        fields = all_columns(
            model,
            "fact order old_edtf old_modality new_edtf new_modality reason text_en text_es changed_on changed_by",
        )


class ReadingResource(RecordResource):
    natural_key = ("fact", "order")

    class Meta:
        model = record.Reading
        fields = all_columns(
            model,
            "fact order status value qualifier value_to out_of every as_of_edtf as_of_inferred period_edtf "
            "period_inferred duration places reporting_body paid_by",
        )


class ParticipationResource(RecordResource):
    natural_key = ("of", "order")
    of = OneOfField("of", ("initiative", "fact"))

    class Meta:
        model = record.Participation
        fields = all_columns(model, "of order role organization unnamed_en unnamed_es", without="initiative fact")


class CitationResource(RecordResource):
    natural_key = ("of", "order")
    of = OneOfField("of", ("initiative", "fact", "reading", "attendance"))

    class Meta:
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
    "meetings": MeetingResource,
    "headings": HeadingResource,
    "sources": SourceResource,
    "organizations": OrganizationResource,
    "organization_names": OrganizationNameResource,
    "successions": SuccessionResource,
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
