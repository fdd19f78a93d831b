"""A web page becomes plain text, as a list of edits, so that every character can be found in the page again."""

from __future__ import annotations

import re
from html import unescape

from features.offsets import Edit

_IS_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|article|main|section|div|p|br|span|a|h[1-6]|"
    r"ul|ol|li|table|img|figure|strong|em|b|i)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# Scripts and their like are passed over as a whole, since their content is no HTML. No part looks further than the next
# one of its kind, so that openings without an end take no more time than others.
_PART = re.compile(
    r"<!--(?:(?!<!--).)*?-->"
    r"|<(?P<raw>script|style|noscript|template|svg|iframe|textarea|title)\b(?:(?!<(?P=raw)\b).)*?</(?P=raw)\s*>"
    r"|<(?P<close>/?)(?P<tag>[a-z][a-z0-9]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>"
    r"|<![^<>]*>|<\?[^<>]*>|&(?:\#\d{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});|(?<![ \t\r\f])[ \t\r\f]*\n\s*",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ARTICLE = re.compile(r"<(/?)(article|main)\b[^<>]*>", re.IGNORECASE)
_LONG_ENOUGH = 400
"""Characters from which on an <article> element is taken to be the article."""

_BLOCKS = frozenset(
    [
        *(
            "address",
            "article",
            "blockquote",
            "body",
            "br",
            "dd",
            "div",
            "dl",
            "dt",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
        ),
        *("head", "hr", "html", "li", "main", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
    ]
)
# Elements that hold no text of the article, whatever they are called.
_CHROME = frozenset(
    ["aside", "button", "figcaption", "figure", "footer", "form", "header", "nav", "select", "video", "audio"]
)
# Names that portals give to what is not the article: related links, advertisements, share buttons, comments.
_CHROME_NAME = re.compile(
    r"(?:class|id|role)\s*=\s*[\"'][^\"']*(?:\b|_|-)(?:related|terkait|baca-?juga|read-?also|lihat-?juga|recommend|rekomendasi|popul[ae]r|trending|"
    r"ads?|advert\w*|iklan|banner|sponsor\w*|promo|share|sharing|social|sosmed|comment\w*|komentar|newsletter|subscribe|"
    r"breadcrumbs?|caption|author-?box|tags?|topik|sidebar|footer|navbar|menu|cookie|popup|modal|paging|pagination|video-?embed|"
    r"navigation|complementary|contentinfo)(?:\b|_|-)",
    re.IGNORECASE,
)


def is_html(text: str) -> bool:
    """Return whether a text holds HTML elements.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        False for plain text, also where it uses ``<`` and ``&``.

    Examples
    --------
    >>> is_html("<p>Rusia mengirim rudal.</p>"), is_html("Jika a < b & c > d")
    (True, False)
    """
    return "<" in text and _IS_HTML.search(text) is not None


def html_edits(page: str) -> list[Edit]:
    """Return the edits that leave the article's text of a page.

    Parameters
    ----------
    page : str
        A page or a piece of one; in text that holds no elements only character references are decoded.

    Returns
    -------
    list of Edit
        Block elements and line breaks become line ends, other tags nothing; navigation, advertisements, captions,
        scripts and what lies outside of a long ``<article>`` are left out; character references are decoded; white
        space is folded as a browser does.
    """
    if not is_html(page):
        found = _ENTITY.finditer(page) if "&" in page else ()
        return [Edit(*match.span(), text) for match in found if (text := unescape(match[0])) != match[0]]
    start, end = _article_span(page)
    edits = [Edit(0, start, "")] if start else []
    parts = list(_PART.finditer(page, start, end))
    ends = _element_ends(parts)
    resume = 0
    for place, part in enumerate(parts):
        if place < resume:
            continue
        if part["tag"] is None:
            edits.append(Edit(part.start(), part.end(), _replacement(part[0])))
            continue
        tag = part["tag"].lower()
        # An element that is never closed loses only its tag, or the rest of the article would be lost with it.
        if place in ends and _is_chrome(tag, part["attributes"]):
            edits.append(Edit(part.start(), parts[ends[place]].end(), "\n"))
            resume = ends[place] + 1
        else:
            edits.append(Edit(part.start(), part.end(), "\n" if tag in _BLOCKS or tag in _CHROME else ""))
    if end < len(page):
        edits.append(Edit(end, len(page), ""))
    return edits


def _element_ends(parts: list[re.Match[str]]) -> dict[int, int]:
    """Return for each opening tag that is closed the place of its closing tag."""
    open_tags: dict[str, list[int]] = {}
    ends: dict[int, int] = {}
    for place, part in enumerate(parts):
        if part["tag"] is None:
            continue
        tag = part["tag"].lower()
        if not part["close"]:
            open_tags.setdefault(tag, []).append(place)
        elif open_tags.get(tag):
            ends[open_tags[tag].pop()] = place
    return ends


def _article_span(page: str) -> tuple[int, int]:
    best, opened = (0, 0), []
    for tag in _ARTICLE.finditer(page):
        if not tag[1]:
            opened.append((tag[2].lower(), tag.start()))
        elif opened and opened[-1][0] == tag[2].lower():
            best = max(best, (opened.pop()[1], tag.end()), key=lambda span: span[1] - span[0])
    return best if best[1] - best[0] >= _LONG_ENOUGH else (0, len(page))


def _is_chrome(tag: str, attributes: str) -> bool:
    return tag in _CHROME or (
        tag not in ("html", "body", "article", "main") and _CHROME_NAME.search(attributes) is not None
    )


def _replacement(part: str) -> str:
    if part[0] == "&":
        return unescape(part)
    # A comment, a script or a declaration leaves nothing, white space one space.
    return "" if part[0] == "<" else " "
