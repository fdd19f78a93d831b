// The page: an article goes to the service, and what it says of it is shown.

import { Failure, ask, dropKey, keepKey, key } from "./client.js";
import { readArticle } from "./files.js";
import { showResult } from "./result.js";
import { language, preferred, say, speak } from "./words.js";

const LONGEST = 200_000;
const $ = (id) => document.getElementById(id);

/** What is known: the labels and the model of the service, the article that was sent, and the result. */
const state = { labels: [], model: null, sent: null, result: null, extra: {} };

function tell(message, details = []) {
  const box = $("message");
  box.replaceChildren();
  box.hidden = !message;
  if (!message) return;
  box.append(Object.assign(document.createElement("p"), { textContent: message }));
  for (const detail of details) {
    box.append(Object.assign(document.createElement("p"), { textContent: detail, lang: "en", className: "detail" }));
  }
  box.scrollIntoView({ block: "nearest" });
}

/** Do `work`; where the service asks for a key, ask the person and do it again. */
async function withKey(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Failure) || error.status !== 401) throw error;
      dropKey();
      if (!(await askForKey())) throw error;
    }
  }
}

let asking = null;

function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = $("ask");
    $("key").value = "";
    dialog.returnValue = "";
    dialog.addEventListener(
      "close",
      () => {
        const value = $("key").value.trim();
        $("key").value = "";
        asking = null;
        if (dialog.returnValue === "ok" && value) keepKey(value);
        resolve(dialog.returnValue === "ok" && Boolean(value));
      },
      { once: true },
    );
    dialog.showModal();
    $("key").focus();
  });
  return asking;
}

async function learn() {
  try {
    const [labels, model] = await withKey(() => Promise.all([ask("labels"), ask("model")]));
    Object.assign(state, { labels: labels.labels, model });
    tellModel();
  } catch (error) {
    report(error);
  }
}

function tellModel() {
  const answered = state.result?.model;
  const model = answered ?? state.model;
  $("model").textContent = model ? say(answered ? "model" : "modelNow", model) : say("modelUnknown");
}

function report(error) {
  if (error instanceof Failure) tell(error.message, error.details);
  else {
    tell(say("failed", { status: error.name }));
    throw error;
  }
}

async function label() {
  // A lone half of a surrogate pair is no character; JSON could not carry it.
  const whole = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");
  const article = { ...state.extra, text: whole($("text").value) };
  const title = whole($("title").value).trim();
  if (title) article.title = title;
  if (!article.text.trim()) {
    tell(say("empty"));
    $("text").focus();
    return;
  }
  const length = Array.from(article.text).length;
  if (length > LONGEST) {
    tell(say("long", { n: new Intl.NumberFormat(language()).format(length) }));
    return;
  }
  tell("");
  busy(true);
  try {
    const result = await withKey(async () => {
      if (!state.labels.length) {
        const [labels, model] = await Promise.all([ask("labels"), ask("model")]);
        Object.assign(state, { labels: labels.labels, model });
      }
      const answer = await ask("explain", { ...article, labels: state.labels.map((row) => row.name) });
      // Another model may have begun to serve: its thresholds belong to its answer.
      if (answer.model.version !== state.model.version) state.model = await ask("model");
      return answer;
    });
    Object.assign(state, { sent: article, result });
    compose(false);
    render();
    $("status").textContent = say("done", { labels: result.labels.map(titleOf).join(", ") || say("none") });
    $("labelsHead").focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  } catch (error) {
    report(error);
  } finally {
    busy(false);
  }
}

function busy(yes) {
  $("submit").disabled = yes;
  $("submit").textContent = say(yes ? "working" : "submit");
  $("compose").setAttribute("aria-busy", String(yes));
}

function compose(yes) {
  $("compose").hidden = !yes;
  $("result").hidden = yes;
  if (yes) $("text").focus();
}

const titleOf = (name) => state.labels.find((row) => row.name === name)?.title?.[language()] ?? name;

function render() {
  if (state.result) showResult(state, titleOf);
  tellModel();
}

async function take(files) {
  try {
    const { title, text, ...extra } = await readArticle(files);
    $("title").value = title;
    $("text").value = text;
    state.extra = extra;
    tell("");
    await label();
  } catch (error) {
    report(error);
  }
}

function listen() {
  for (const radio of document.querySelectorAll("input[name=language]")) {
    radio.checked = radio.value === language();
    radio.addEventListener("change", () => {
      speak(radio.value, true);
      render();
    });
  }
  $("compose").addEventListener("submit", (event) => {
    event.preventDefault();
    label();
  });
  $("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) label();
  });
  for (const id of ["title", "text"]) {
    $(id).addEventListener("input", () => {
      state.extra = {};
    });
  }
  $("example").addEventListener("click", () => {
    $("title").value = say("exampleTitle");
    $("text").value = say("exampleText");
    state.extra = {};
    label();
  });
  $("again").addEventListener("click", () => compose(true));
  $("file").addEventListener("change", async () => {
    if ($("file").files.length) await take([...$("file").files]);
    $("file").value = "";
  });
  $("askNo").addEventListener("click", () => $("ask").close(""));
  $("document").addEventListener("click", async (event) => {
    // A link cannot carry the key.
    if (!key()) return;
    event.preventDefault();
    try {
      const text = JSON.stringify(await withKey(() => ask("docs.json")), null, 2);
      window.open(URL.createObjectURL(new Blob([text], { type: "application/json" })));
    } catch (error) {
      report(error);
    }
  });
  for (const name of ["dragover", "drop", "dragleave"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      $("drop").classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        compose(true);
        take([...event.dataTransfer.files]);
      }
    });
  }
}

speak(preferred());
listen();
learn();
