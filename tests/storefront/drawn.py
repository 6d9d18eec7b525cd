"""A page as somebody without script sees it: its words, its links and its forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx

_UNSEEN = {"script", "style", "svg"}


@dataclass
class DrawnForm:
    """A form with what stands in its fields; a button's name counts only where it is pressed."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


class Drawn(HTMLParser):
    """What was answered, read as HTML."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.status = answer.status_code
        self.forms: list[DrawnForm] = []
        self.links: dict[str, str] = {}
        self._words: list[str] = []
        self._form: DrawnForm | None = None
        self._area = self._select = self._href = ""
        self._unseen = 0
        self.feed(answer.text)

    @property
    def words(self) -> str:
        """Everything there is to read."""
        return " ".join(" ".join(self._words).split())

    def form(self, action: str) -> DrawnForm:
        """The form that goes to `action`."""
        found = [form for form in self.forms if form.action == action and form.method == "post"]
        assert found, f"no form to {action}, only {[form.action for form in self.forms]}"
        return found[0]

    def link(self, words: str) -> str:
        """Where the link with these words leads."""
        found = [href for text, href in self.links.items() if words in text]
        assert found, f"no link “{words}”, only {list(self.links)}"
        return found[0]

    @property
    def target(self) -> str:
        """Where a redirect leads, path and query."""
        assert self.status == 303, (self.status, self.words[:300])
        parts = urlsplit(self.answer.headers["location"])
        assert parts.netloc in {"", self.answer.request.url.netloc.decode()}
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._unseen += tag in _UNSEEN
        if tag == "form":
            self._form = DrawnForm(values.get("action", ""), values.get("method", "get"))
            self.forms.append(self._form)
        elif tag == "a":
            self._href = values.get("href", "")
            self._words.append("\x00")
        elif self._form is not None:
            self._note(tag, values)

    def _note(self, tag: str, values: dict[str, str]) -> None:
        assert self._form is not None
        name = values.get("name", "")
        if tag == "input" and values.get("type") not in {"checkbox", "radio", "submit"}:
            self._form.values[name] = values.get("value", "")
        elif tag == "textarea":
            self._area = name
            self._form.values[name] = ""
        elif tag == "select":
            self._select = name
            self._form.values[name] = ""
        elif tag == "option" and "selected" in values:
            self._form.values[self._select] = values.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.values[self._area] += data
        if not self._unseen:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            assert self._form is not None
            # HTML drops the first line end of a textarea.
            self._form.values[self._area] = self._form.values[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "a" and "\x00" in self._words:
            start = len(self._words) - 1 - self._words[::-1].index("\x00")
            text = " ".join(" ".join(self._words[start + 1 :]).split())
            self._words[start : start + 1] = []
            self.links[text] = self._href
