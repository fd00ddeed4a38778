"""Lay the content of an email out: as text, and as HTML with the same words."""

from collections.abc import Iterable
from html import escape
from string import Template
from typing import Final

from core.mail.content import Content, Link

# Inline styles only: many mail programs drop a style sheet.
_PAGE: Final = Template("""\
<!doctype html>
<html lang="$lang"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light"><title>$subject</title></head>
<body style="margin:0;padding:24px 12px;background:#f7f4ee;color:#1f2a2e;\
font:16px/1.6 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:28px 24px;background:#fff;border:1px solid #e4ded2;\
border-radius:16px">
<p style="margin:0 0 20px;font-weight:700;color:#1f6f5c">Aula</p>
$body
</div></body></html>
""")
_PARAGRAPH: Final = '<p style="margin:0 0 16px;overflow-wrap:anywhere">{}</p>'
_TABLE: Final = '<table role="presentation" style="width:100%;margin:0 0 20px;border-collapse:collapse">{}</table>'
_ROW: Final = (
    '<tr style="vertical-align:top">'
    '<td style="padding:8px 12px 8px 0;border-top:1px solid #e4ded2;overflow-wrap:anywhere{bold}">{title}</td>'
    '<td style="padding:8px 0;border-top:1px solid #e4ded2;text-align:right;white-space:nowrap{bold}">{amount}</td>'
    "</tr>"
)
_FACTS: Final = '<p style="margin:0 0 20px;font-size:14px;color:#566469;overflow-wrap:anywhere">{}</p>'
_ACTIONS: Final = '<p style="margin:0 0 12px">{}</p>'
_FIRST: Final = "background:#1f6f5c;color:#fff"
_OTHER: Final = "color:#1f6f5c"
_BUTTON: Final = (
    '<a href="{address}" style="display:inline-block;margin:0 8px 12px 0;padding:11px 20px;border:1px solid #1f6f5c;'
    'border-radius:10px;font-weight:600;text-decoration:none;{colours}">{label}</a>'
)


def as_text(content: Content, greeting: str, signature: str) -> str:
    """The email as plain text."""
    blocks = [
        greeting,
        *content.paragraphs,
        "\n".join(f"{title}: {amount}" for title, amount in content.lines),
        "\n".join(f"{name}: {value}" for name, value in content.details),
        "\n".join(f"{link.label}: {link.address}" for link in content.links),
        signature,
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def as_html(content: Content, greeting: str, signature: str, language: str) -> str:
    """The email as HTML; every word is escaped, and nothing is loaded from elsewhere."""
    blocks = [
        *(_PARAGRAPH.format(escape(words)) for words in (greeting, *content.paragraphs)),
        _TABLE.format("".join(_rows(content))) if content.lines else "",
        _ACTIONS.format(_buttons(content.links)) if content.links else "",
        _FACTS.format(_broken(f"{name}: {value}" for name, value in content.details)) if content.details else "",
        _PARAGRAPH.format(_broken(signature.splitlines())),
    ]
    return _PAGE.substitute(lang=language, subject=escape(content.subject), body="\n".join(filter(None, blocks)))


def _rows(content: Content) -> Iterable[str]:
    for number, (title, amount) in enumerate(content.lines, 1):
        bold = ";font-weight:700" if number == len(content.lines) else ""
        yield _ROW.format(title=escape(title), amount=escape(amount), bold=bold)


def _buttons(links: Iterable[Link]) -> str:
    return "".join(
        _BUTTON.format(address=escape(link.address), label=escape(link.label), colours=_OTHER if number else _FIRST)
        for number, link in enumerate(links)
    )


def _broken(lines: Iterable[str]) -> str:
    return "<br>".join(map(escape, lines))
