"""A form as it is drawn: blank with its defaults, or answered with what was typed and what is wrong."""

from typing import Any

import msgspec

from server.kernel.errors import DomainError
from server.web.forms import Problems, TypedForm
from server.web.page_door import new_form_key
from server.web.parts import Fault
from server.web.statuses import status_of


class FormState(msgspec.Struct, frozen=True, kw_only=True):
    """What a form's template reads. `labels`: field name → what people call it, for the summed-up faults.

    `key`: the idempotency key that the form will send.
    """

    typed: dict[str, Any]
    labels: dict[str, str]
    problems: Problems = Problems()
    status: int = 200
    key: str

    @classmethod
    def blank(cls, labels: dict[str, str], **defaults: Any) -> "FormState":
        """A form that nobody has filled in yet."""
        return cls(typed=defaults, labels=labels, key=new_form_key())

    @classmethod
    def refused(cls, error: DomainError, form: "TypedForm[Any]", labels: dict[str, str]) -> "FormState":
        """The form again, nothing lost. A login that has ended is no fault of the form: it is raised on."""
        if error.kind == "unauthenticated":
            raise error
        return cls.answered(error, form, labels)

    @classmethod
    def answered(cls, error: DomainError, form: "TypedForm[Any]", labels: dict[str, str]) -> "FormState":
        """The form again, whatever the error: for the login pages, where being unknown is what was typed wrongly."""
        # Whether an unavailable storage did it is unknown: the same key lets a second try find out.
        key = form.key if error.kind == "unavailable" and form.key else new_form_key()
        return cls(typed=form.typed, labels=labels, problems=Problems.of(error), status=status_of(error), key=key)

    def value(self, name: str) -> str:
        """What stands in a field."""
        value = self.typed.get(name, "")
        return str(value[0] if isinstance(value, list) else value)

    def fault(self, name: str) -> str:
        """What is wrong with a field, or nothing."""
        return self.problems.fields.get(name, "")

    def fresh_key(self) -> str:
        """Another key, for one more form on the same page."""
        return new_form_key()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every wrong field that is drawn, in the order of the form."""
        fields = self.problems.fields
        return tuple(Fault(name, f"{label}：{fields[name]}") for name, label in self.labels.items() if name in fields)

    @property
    def refusal(self) -> str:
        """The sentence of a refusal that no single field explains."""
        return "" if self.faults else self.problems.summary

    @property
    def code(self) -> str:
        """The refusal's stable code, for support."""
        return self.problems.code
