"""The page in a real browser, on the real service."""

import contextlib
import json
import re

import pytest
from playwright.sync_api import expect

from serve.page import HEADERS
from tests import stores
from tests.processes import BIN, ROOT, free_port, server

HOSTILE = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>\n'
    "Rusia &amp; Turki 😀 menandatangani kontrak pembelian rudal S-400 di Ankara."
)
PHONE = {"width": 390, "height": 844}


def test_the_page_needs_nothing_from_elsewhere(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "'unsafe" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for name in ("page.css", "page.js", "words.js", "marks.js", "client.js", "result.js", "files.js", "kawat.svg"):
        answer = client.get(f"/page/{name}")
        assert answer.status_code == 200
        assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in answer.text
        assert client.get(f"/page/{name}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("name", ["__init__.py", "nothing.js", "..%2fservice.py", "%2e%2e/service.py"])
def test_nothing_but_the_page_lies_there(client, name):
    assert client.get(f"/page/{name}").status_code == 404


@pytest.fixture
def visit(chromium):
    """Open an address in a fresh profile; whatever the browser complains of fails the test, unless it is `allowed`."""
    with contextlib.ExitStack() as stack:
        complaints: list[str] = []

        def open_(url, allowed=(), **settings):
            context = chromium.new_context(
                **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **settings}
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(20_000)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda message: (
                    complaints.append(message.text)
                    if message.type in ("error", "warning") and not any(word in message.text for word in allowed)
                    else None
                ),
            )
            page.on(
                "request",
                lambda request: None if request.url.startswith((url, "blob:")) else complaints.append(request.url),
            )
            page.goto(url + "/")
            return page

        yield open_
        assert complaints == []


def label(page, text, title=""):
    page.fill("#title", title)
    page.fill("#text", text)
    page.click("#submit")
    page.wait_for_selector("#result:not([hidden])")


def test_an_article_gets_labels_evidence_and_entities(visit, service, client):
    page = visit(service)
    text = "Turki dan Inggris menandatangani kontrak pembelian 20 jet tempur Eurofighter Typhoon di Ankara."
    label(page, text, "Turki Beli Jet Tempur")
    expected = client.post("/classify", json={"text": text, "title": "Turki Beli Jet Tempur"}).json()
    assert expected["labels"]
    rows = page.locator(".score").all()
    assert [row.locator("input").get_attribute("value") for row in rows] == sorted(
        expected["scores"], key=lambda name: -expected["scores"][name]
    )
    given = [row.locator("input").get_attribute("value") for row in page.locator(".score.given").all()]
    assert given == expected["labels"]
    assert page.locator(".score .tick").count() == len(expected["scores"])
    assert page.inner_text("#shownText") == text
    for number, entity in enumerate(expected["entities"]):
        shown = "".join(page.locator(f'.article [data-entity="{number}"]').all_text_contents())
        assert shown == entity["text"]
    assert f"version {expected['model']['version']}" in page.inner_text("#model")


def test_marks_are_the_evidence_of_the_chosen_label(visit, service, client):
    page = visit(service)
    text = "Rusia 😀 mengirim rudal S-400 ke Turki. Menteri Luar Negeri kedua negara bertemu di Ankara."
    label(page, text)
    names = client.get("/model").json()["thresholds"]
    explanation = client.post("/explain", json={"text": text, "labels": list(names)}).json()["explanation"]
    assert len({json.dumps(row["evidence"]) for row in explanation.values()}) > 1
    for name in ("nuclear", "diplomacy", "arms-transfer"):
        page.check(f".score input[value={name}]", force=True)
        evidence = explanation[name]["evidence"]
        strong = [row for row in evidence if abs(row["weight"]) >= 0.05 * abs(evidence[0]["weight"])]
        for number, row in enumerate(strong):
            marks = page.locator(f'#shownText [data-evidence="{number}"]')
            assert "".join(marks.all_text_contents()) == row["text"]
            sign = "for" if row["weight"] > 0 else "against"
            assert sign in marks.first.get_attribute("class").split()
        first = page.locator("#evidence button .phrase").first
        assert first.inner_text() == evidence[0]["text"]


def test_an_article_is_shown_as_text_only(visit, service):
    page = visit(service)
    label(page, HOSTILE, "<img src=x onerror=window.hacked=3>")
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main script").count() == 0
    assert "<img src=x onerror=window.hacked=3>" in page.inner_text("#shownTitle")
    assert "rudal S-400" in page.inner_text("#shownText")


def test_markup_of_a_page_is_left_out_and_marks_stay_in_place(visit, service):
    page = visit(service)
    label(
        page,
        "<article><p>Rusia &amp; <b>Turki</b></p><p>meneken kontrak rudal&nbsp;S-400</p><script>x()</script></article>",
    )
    assert page.inner_text("#shownText").split() == ["Rusia", "&", "Turki", "meneken", "kontrak", "rudal", "S-400"]
    found = {mark.inner_text() for mark in page.locator("#shownText .entity").all()}
    assert {"Rusia", "Turki"} <= found


def test_the_language_is_the_browsers_until_another_is_chosen(visit, service):
    page = visit(service, locale="id-ID")
    assert page.inner_text("#submit") == "Beri label"
    assert page.get_attribute("html", "lang") == "id"
    page.check("input[name=language][value=en]", force=True)
    assert page.inner_text("#submit") == "Label the article"
    page.reload()
    assert page.inner_text("#submit") == "Label the article"


def test_both_languages_say_everything(visit, service):
    page = visit(service)
    scripts = [path.read_text("utf-8") for path in (ROOT / "serve" / "page").glob("*.js")]
    said = re.findall(r'\bsay\((?:[^()"]*\? )?"([\w:-]+)"(?: : "([\w:-]+)")?', "\n".join(scripts))
    assert len(said) > 30
    missing = page.evaluate(
        """async (said) => {
            const { WORDS } = await import("./page/words.js");
            const used = [...document.querySelectorAll("[data-say], [data-hint]")]
                .map((element) => element.dataset.say ?? element.dataset.hint);
            return [...new Set([...used, ...said, ...Object.keys(WORDS.id), ...Object.keys(WORDS.en)])]
                .filter((word) => !(word in WORDS.id) || !(word in WORDS.en));
        }""",
        [word for pair in said for word in pair if word],
    )
    assert missing == []


def test_all_works_by_keyboard(visit, service):
    page = visit(service)
    page.focus("#text")
    page.keyboard.insert_text("Rusia mengirim rudal ke India. Kedua menteri pertahanan bertemu di Moskow.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "labelsHead"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "again"
    page.keyboard.press("Tab")
    before = page.evaluate("document.activeElement.value")
    page.keyboard.press("ArrowDown")
    after = page.evaluate("document.activeElement.value")
    assert page.evaluate("document.activeElement.name") == "label"
    assert before != after
    title = page.locator(f".score:has(input[value={after}]) .name").inner_text()
    assert page.inner_text("#evidenceHead") == f"Evidence for {title}"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#evidence') !== null")
    phrase = page.evaluate("document.activeElement.querySelector('.phrase').textContent")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('.article') !== null")
    assert page.evaluate("document.activeElement.textContent") in phrase


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        ("berita.txt", "Rusia mengirim rudal ke India.", ""),
        ("berita.html", "<html><body><p>Rusia mengirim <b>rudal</b> ke India.</p></body></html>", ""),
        (
            "berita.json",
            json.dumps({"title": "Rudal", "text": "Rusia mengirim rudal ke India.", "labels": []}),
            "Rudal",
        ),
    ],
)
def test_a_file_is_opened(visit, service, name, content, title):
    page = visit(service)
    page.set_input_files("#file", {"name": name, "mimeType": "text/plain", "buffer": content.encode()})
    page.wait_for_selector("#result:not([hidden])")
    assert page.inner_text("#shownText").strip() == "Rusia mengirim rudal ke India."
    assert page.input_value("#title") == title


def test_a_file_is_dropped(visit, service):
    page = visit(service)
    page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["Rusia mengirim rudal ke India."], "berita.txt"));
            document.getElementById("drop").dispatchEvent(
                new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }"""
    )
    page.wait_for_selector("#result:not([hidden])")
    assert page.inner_text("#shownText") == "Rusia mengirim rudal ke India."


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("berita.pdf", "%PDF", "berita.pdf is of an unknown kind"),
        ("berita.json", '{"title": "a"}', 'expected an object with a "text"'),
        ("berita.json", "[", 'expected an object with a "text"'),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(visit, service, name, content, message):
    page = visit(service)
    page.set_input_files("#file", {"name": name, "mimeType": "text/plain", "buffer": content.encode()})
    page.wait_for_selector("#message:not([hidden])")
    assert message in page.inner_text("#message")


def test_what_goes_wrong_is_said(visit, service):
    page = visit(service, allowed=["Failed to load resource"])
    expect(page.locator("#model")).to_contain_text("version")
    page.click("#submit")
    assert "no text yet" in page.inner_text("#message")
    page.fill("#text", "rudal " * 34_000)
    page.click("#submit")
    assert "204,000 characters" in page.inner_text("#message")
    page.fill("#text", "...")
    page.click("#submit")
    page.wait_for_selector("#message .detail")
    assert "could not read this article" in page.inner_text("#message")
    assert "no letter or digit" in page.inner_text("#message")
    page.route("**/explain", lambda route: route.fulfill(status=503, headers={"Retry-After": "7"}, body="busy"))
    page.fill("#text", "rudal")
    page.click("#submit")
    expect(page.locator("#message")).to_contain_text("7 seconds")
    page.unroute("**/explain")
    page.context.set_offline(True)
    page.click("#submit")
    expect(page.locator("#message")).to_contain_text("offline")
    assert page.input_value("#text") == "rudal"
    page.context.set_offline(False)
    page.click("#submit")
    page.wait_for_selector("#result:not([hidden])")
    assert page.is_hidden("#message")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone_in_both_themes(visit, service, theme):
    page = visit(service, viewport=PHONE, color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    label(page, "Rusia mengirim rudal " + "x" * 300 + " ke India.", "Pertanggungjawaban" * 8)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(CONTRASTS) == []


CONTRASTS = """() => {
    // Text against the nearest opaque ground, as WCAG 2.2 reckons it; marks are washed over it.
    const numbers = (colour) => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const ground = (element) => {
        const [r, g, b, a] = numbers(getComputedStyle(element).backgroundColor);
        if (a === 255) return [r, g, b];
        const below = element.parentElement ? ground(element.parentElement) : [255, 255, 255];
        return [r, g, b].map((value, k) => a ? value * a / 255 + below[k] * (1 - a / 255) : below[k]);
    };
    const light = (rgb) => {
        const [r, g, b] = rgb.map((value) => value / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return [...document.querySelectorAll("body *")].filter((element) =>
        element.checkVisibility() && !element.closest(".quiet, .skip, script")
        && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .map((element) => {
            const [one, other] = [light([...numbers(getComputedStyle(element).color)].slice(0, 3)), light(ground(element))];
            return [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), element.className, element.textContent.slice(0, 30)];
        }).filter(([contrast]) => contrast < 4.5);
}"""


@pytest.fixture(scope="module")
def locked(service, workplace):
    """The same model behind an API key."""
    port = free_port()
    with server(
        [str(BIN / "kawat"), "serve", "--port", str(port)],
        port,
        cwd=ROOT,
        log=workplace / "locked.log",
        MLFLOW_TRACKING_URI=stores.uri(workplace),
        KAWAT_API_KEY="rahasia-7",
    ) as url:
        yield url


def test_the_key_is_asked_for_and_forgotten_with_the_tab(visit, locked):
    page = visit(locked, allowed=["401"])
    page.wait_for_selector("#ask[open]")
    page.fill("#key", "salah")
    page.keyboard.press("Enter")
    expect(page.locator("#key")).to_have_value("")
    expect(page.locator("#ask")).to_be_visible()
    page.fill("#key", "rahasia-7")
    page.keyboard.press("Enter")
    expect(page.locator("#model")).to_contain_text("version")
    label(page, "Rusia mengirim rudal ke India.")
    stored = page.evaluate("[JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie]")
    assert "rahasia-7" in stored[1]
    assert "rahasia-7" not in stored[0] + stored[2]
    page.reload()
    expect(page.locator("#model")).to_contain_text("version")
    assert page.is_hidden("#ask")


def test_without_the_key_the_page_says_so(visit, locked):
    page = visit(locked, allowed=["401"])
    page.wait_for_selector("#ask[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#message:not([hidden])")
    assert "API key" in page.inner_text("#message")


def test_the_policy_forbids_what_is_inline_or_foreign():
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
