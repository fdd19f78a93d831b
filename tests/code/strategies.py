"""Texts that are hard to read: what Hypothesis draws from."""

from __future__ import annotations

from hypothesis import strategies as st

from features.boilerplate import load_rules

TRICKY = (
    "aAbBzZıİßẞŁşΣςǅ19²½٣"  # letters whose lower case is odd, and digits of several scripts
    "--\u2010\u2011''\u2018\u2019\u02bc\u02bb\uff07`\u00b4"  # joiners
    "\u200d\u200c\u00ad\u2060\ufeff\u061c\ufe0f\U000e0061"  # ignorable
    "\u0301\u0308\u0323\u20d0\u093f\u0e33\U0001e8d0"  # marks
    "\ud800\udbff\udc00\udfff"  # lone surrogates
    "𐐀𐐨𝔄🚀𠀋\U0003134a\U0010ffff"  # beyond the basic plane
    "漢字한\u1112\u1161\u11abเรื่องАбв"  # other scripts
    " \n\t.,\u00a0\u2003\u2028_/&"  # separators
)

texts = st.one_of(
    st.text(st.sampled_from(TRICKY), max_size=40),
    st.text(st.characters(), max_size=40),  # unlike st.text() with lone surrogates
    st.lists(st.sampled_from(["Rusia", "rudal", "kapal-kapal", "TNI-AL", "Jum'at", "S-400", "é", "--"])).map(" ".join),
)

_PIECES = [side for rule in load_rules() for side in (*rule.removes.split(" => "), rule.keeps)]

_HTML = [
    "<p>",
    "</p>",
    "<br>",
    "<b>",
    "</b>",
    "<nav>",
    "</nav>",
    "<div class='iklan'>",
    "</div>",
    "<script>",
    "</script>",
]
_HTML += ["<!--", "-->", "<", ">", "&amp;", "&#8217;", "&nbsp;", "&", "\n  ", "<article>", "</article>", "x" * 400]

pages = st.lists(
    st.sampled_from(_PIECES) | st.sampled_from(_HTML) | st.text(st.sampled_from(TRICKY), max_size=10), max_size=8
).flatmap(lambda pieces: st.sampled_from(["\n", " ", ""]).map(lambda separator: separator.join(pieces)))
"""Articles with boilerplate and pieces of HTML in them, and with what looks like it."""
