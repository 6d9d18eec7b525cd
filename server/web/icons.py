"""Icons drawn into the page itself, from the allow-list `icon_names.txt` that the build copied out of lucide."""

from markupsafe import Markup

from server.web.assets import store

FRAME = Markup(
    '<svg class="{}" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" '
    'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" focusable="false" {}>{}</svg>'
)


def icon(name: str, label: str | None = None, css_class: str = "") -> Markup:
    """Inline SVG in the text's colour. Without `label` it is decoration and hidden from screen readers.

    A name outside the allow-list raises KeyError: add it to `icon_names.txt` and build again.
    """
    body = store().icons[name]
    naming = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    css = f"icon {css_class}".strip()
    # The body comes from the build, out of a locked package: it is markup, not somebody's text.
    return FRAME.format(css, naming, Markup(body))  # noqa: S704
