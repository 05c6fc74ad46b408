"""Forms of the admin that validate unique constraints over columns that they leave out, too.

Django validates a constraint only where the form has all of its columns, and never in an inline, so that the database
refuses the row with an IntegrityError. Here the message is shown beside a field that the reader can change.
"""

from itertools import count

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import IntegerField, UniqueConstraint
from django.forms.models import InlineForeignKeyField

from hled_portal.files.constraint_validation import broken, met


def unique_constraints(model) -> list[UniqueConstraint]:
    """Those over columns; none of a model in the admin is over expressions."""
    return [rule for rule in model._meta.constraints if isinstance(rule, UniqueConstraint) and rule.fields]


def field_for(form, constraint) -> str | None:
    """The field beside which the message of a unique constraint is shown: rather one that was changed, and typed."""
    names = [*reversed(constraint.fields)]
    names += sorted(constraint.condition.referenced_base_fields) if constraint.condition else []
    columns = {name: form.instance._meta.get_field(name) for name in names if name in form.fields}
    columns = {name: column for name, column in columns.items() if not _is_inline(form.fields[name])}
    return min(columns, key=lambda name: (name not in form.changed_data, bool(columns[name].choices)), default=None)


def _is_inline(field) -> bool:
    return isinstance(field, InlineForeignKeyField)


class UniqueForm(forms.ModelForm):
    """A form that validates the constraints of its row with the columns that it leaves out."""

    def _post_clean(self):
        super()._post_clean()
        if not self.errors and not self.instance._state.adding:  # What is added is completed after its form.
            for message in broken(self.instance):
                self.add_error(None, message)
        if not any(_is_inline(field) for field in self.fields.values()):  # Its formset validates those of an inline.
            for constraint in unique_constraints(self.instance):
                self._validate(constraint)

    def _validate(self, constraint):
        exclude = self._get_validation_exclusions() & set(self.fields)
        try:
            constraint.validate(type(self.instance), self.instance, exclude=exclude)
        except ValidationError as refused:
            self._drop(refused.messages)
            self.add_error(field_for(self, constraint), refused.messages)

    def _drop(self, messages: list[str]):
        """Take away what Django says of the same constraint above the form."""
        above = self._errors.get(NON_FIELD_ERRORS)
        if above is not None:
            above.data = [error for error in above.data if error.messages != messages]
            if not above.data:
                del self._errors[NON_FIELD_ERRORS]


class UniqueFormSet(forms.BaseInlineFormSet):
    """Rows of one parent, compared with each other and with those that the page does not show.

    Rows may exchange numbers, such as their order, with each other.
    """

    def clean(self):
        for constraint in unique_constraints(self.model):
            self._compare(constraint)
        super().clean()

    def _compare(self, constraint):
        """Go through the rows as they will be saved: those there are, in their order, then the new ones."""
        columns = [self.model._meta.get_field(name).attname for name in constraint.fields if name != self.fk.name]
        if len(columns) == len(constraint.fields):
            return  # A constraint of another parent.
        rows = self._stored()
        taken = {pk: self._key(row, columns, constraint) for pk, row in rows.items()}
        deleted = self.deleted_forms if self.can_delete else []
        if self._number(constraint):
            for form in self.initial_forms:
                if form.has_changed() or form in deleted:
                    taken.pop(form.instance.pk, None)
        for form in [*self.initial_forms, *self.extra_forms]:
            if form in deleted:
                taken.pop(form.instance.pk, None)
            elif form.has_changed() and not form.errors.keys() & {*constraint.fields}:
                key = self._key(form.instance, columns, constraint)
                others = [other for pk, other in taken.items() if pk != (form.instance.pk or id(form))]
                if key is not None and key in others:
                    form.add_error(field_for(form, constraint), constraint.get_violation_error_message())
                else:
                    taken[form.instance.pk or id(form)] = key

    def _stored(self) -> dict:
        """Every row of the parent as it is stored, also those that this page does not show."""
        if not self.instance.pk:
            return {}
        return {row.pk: row for row in self.model._base_manager.filter(**{self.fk.name: self.instance})}

    @staticmethod
    def _key(row, columns, constraint) -> tuple | None:
        """What must be unique among the rows of the parent; None where the constraint does not apply to the row."""
        attnames = {field.name: field.attname for field in row._meta.fields}
        if constraint.condition and not met(constraint.condition, lambda name: getattr(row, attnames[name])):
            return None
        key = tuple(getattr(row, column) for column in columns)
        return None if None in key else key

    def _number(self, constraint) -> str | None:
        """The column of a constraint that numbers the rows of the parent."""
        columns = [self.model._meta.get_field(name) for name in constraint.fields if name != self.fk.name]
        return next((column.name for column in columns if isinstance(column, IntegerField)), None)

    def save_existing_objects(self, commit=True):
        """Rows that exchange numbers pass through free ones: the database compares them after each row."""
        for name in {self._number(rule) for rule in unique_constraints(self.model) if self.fk.name in rule.fields}:
            if name is not None and commit:
                self._free(name)
        return super().save_existing_objects(commit)

    def _free(self, name: str):
        moved = [form for form in self.initial_forms if name in form.changed_data or form in self.deleted_forms]
        stored = {pk: getattr(row, name) for pk, row in self._stored().items()} if moved else {}
        wanted = {getattr(form.instance, name) for form in self.forms if form.has_changed()}
        free = (number for number in count() if number not in wanted | {*stored.values()})
        for form in moved:
            if stored.get(form.instance.pk) in wanted:
                self.model._base_manager.filter(pk=form.instance.pk).update(**{name: next(free)})
