"""Pages become plain text, and every character is found in the page again."""

from itertools import pairwise

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from features.html import html_edits, is_html
from features.offsets import apply_edits

LONG = "Rusia mengirim rudal. " * 30


def plain(page):
    return apply_edits(page, html_edits(page))


def lines(page):
    return [line.strip() for line in plain(page).split("\n") if line.strip()]


@pytest.mark.parametrize("page", ["<p>a", "a<br/>b", "<DIV class='x'>a</DIV>", "<!doctype html>", "a <b>b</b>"])
def test_elements_make_a_page(page):
    assert is_html(page)


@pytest.mark.parametrize("text", ["Jika a < b & c > d", "<3", "x <- y", "<Rusia>", "a <bukan> b", ""])
def test_plain_text_is_none(text):
    assert not is_html(text)
    assert html_edits(text) == []


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>satu</p><p>dua</p>", ["satu", "dua"]),
        ("satu<br>dua", ["satu", "dua"]),
        ("<p>S-<b>400</b> <a href='x'>tiba</a></p>", ["S-400 tiba"]),
        ("<p>satu\n   dua</p>", ["satu dua"]),
        ("<ul><li>satu<li>dua</ul>", ["satu", "dua"]),
        ("<p>5 < 6 &amp; 7 &gt; 6</p>", ["5 < 6 & 7 > 6"]),
        ("<p>&ldquo;ya&rdquo; &#8212; &#x41;</p>", ["“ya” — A"]),
        ("<p>a</p><!-- <p>b</p> --><p>c</p>", ["a", "c"]),
        ("<p>a</p><script>if (a < b) {'<p>x</p>'}</script><style>p {}</style>", ["a"]),
        ("<title>Judul</title><p>a</p>", ["a"]),
        ("<nav><p>menu</p></nav><p>a</p><footer>kaki</footer>", ["a"]),
        ("<nav><nav>x</nav>y</nav><p>a</p>", ["a"]),
        ("<p>a</p><div class='baca-juga'><div>x</div>y</div><p>b</p>", ["a", "b"]),
        ("<p>a</p><figure><img src=x><figcaption>x</figcaption></figure>", ["a"]),
        ("<p>a <aside>x</p><p>b</p>", ["a", "x", "b"]),
        (f"<p>luar</p><article><p>{LONG}</p></article><p>luar</p>", [LONG.strip()]),
        ("<p>luar</p><article><p>pendek</p></article>", ["luar", "pendek"]),
        ('<p title="a > b">c</p>', ["c"]),
        ("<p>Cathedral <3 &unknown; &</p>", ["Cathedral <3 &unknown; &"]),
    ],
)
def test_the_text_of_a_page_is_left(page, expected):
    assert lines(page) == expected


@pytest.mark.parametrize("text", ["AT&amp;T &mdash; &#39;ya&#39;", "a &lt;p&gt; b"])
def test_character_references_are_decoded_in_plain_text(text):
    assert plain(text) in ("AT&T — 'ya'", "a <p> b")


@given(st.lists(st.text("abc .,<3é", min_size=1).filter(lambda text: text.strip() and "<" not in text), max_size=5))
def test_paragraphs_become_lines(paragraphs):
    page = "<html><body>" + "".join(f"<p>{text}</p>" for text in paragraphs) + "</body></html>"
    assert lines(page) == [text.strip() for text in paragraphs]


@given(strategies.pages)
def test_edits_are_in_order_and_replace_something(page):
    edits = html_edits(page)
    assert all(0 <= edit.start < edit.end <= len(page) for edit in edits)
    assert all(left.end <= right.start for left, right in pairwise(edits))


@pytest.mark.parametrize("piece", ["<nav><p>", "<div class='iklan'>", "<p>", "<b>", "</nav>", "<aside><br>"])
def test_any_number_of_elements_that_are_never_closed(piece):
    assert lines("<p>a</p>" + piece * 1500 + "Rusia")[-1] == "Rusia"
