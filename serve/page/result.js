// What the service says of an article: labels, evidence, entities.

import { show } from "./marks.js";
import { language, say } from "./words.js";

const FIRST = 12;
const LEVELS = 4;
const WEAKEST = 0.05;
const $ = (id) => document.getElementById(id);

let chosen = null;
let shownResult = null;

/** Show a result; `state` holds result, sent article, labels and model, `titleOf` says a label's name. */
export function showResult(state, titleOf) {
  const { result, labels, model } = state;
  const names = Object.keys(result.scores);
  if (result !== shownResult) chosen = result.primary ?? highest(result.scores);
  shownResult = result;
  $("verdict").textContent = result.labels.length ? result.labels.map(titleOf).join("\u00a0· ") : say("none");
  $("verdict").classList.toggle("none", !result.labels.length);
  $("warnings").hidden = !result.warnings.length;
  $("warnings").replaceChildren(
    ...result.warnings.map((warning) => {
      const known = say(warning.code);
      return element("li", { textContent: known === warning.code ? warning.message : known });
    }),
  );
  const order = names.sort((one, other) => result.scores[other] - result.scores[one]);
  $("scores").replaceChildren(
    ...order.map((name) =>
      scoreRow(name, titleOf(name), result.scores[name], model?.thresholds?.[name], result.labels.includes(name), () => {
        chosen = name;
        showEvidence(state, titleOf, labels);
      }),
    ),
  );
  showEntities(state);
  showEvidence(state, titleOf, labels);
}

function highest(scores) {
  return Object.keys(scores).reduce((one, other) => (scores[other] > scores[one] ? other : one));
}

function scoreRow(name, title, score, threshold, given, choose) {
  const row = element("label", { className: given ? "score given" : "score" });
  const radio = element("input", { type: "radio", name: "label", value: name, checked: name === chosen });
  radio.addEventListener("change", choose);
  const bar = element("span", { className: "bar" });
  bar.setAttribute("aria-hidden", "true");
  const fill = element("span", { className: "fill" });
  fill.style.width = `${100 * score}%`;
  bar.append(fill);
  if (threshold !== undefined) {
    const tick = element("span", { className: "tick" });
    tick.style.left = `${100 * Math.min(1, threshold)}%`;
    bar.append(tick);
  }
  const spoken = [given ? say("given") : "", threshold === undefined ? "" : `${say("threshold")} ${percent(threshold)}`];
  row.title = spoken.filter(Boolean).join(", ");
  row.append(
    radio,
    element("span", { className: "name", textContent: title }),
    element("span", { className: "figure", textContent: percent(score) }),
    bar,
    element("span", { className: "quiet", textContent: ` (${row.title})` }),
  );
  return row;
}

function showEvidence(state, titleOf, labels) {
  const { result, sent } = state;
  const label = labels.find((row) => row.name === chosen);
  $("definition").textContent = label?.definition ?? "";
  $("evidenceHead").textContent = say("evidenceFor", { label: titleOf(chosen) });
  const explanation = result.explanation[chosen] ?? { evidence: [], unplaced: [], base: 0, margin: 0 };
  const most = Math.max(...explanation.evidence.map((row) => Math.abs(row.weight)), 1e-9);
  const evidence = explanation.evidence.map((row, number) => ({
    ...row,
    number,
    kind: "evidence",
    level: Math.max(1, Math.ceil((LEVELS * Math.abs(row.weight)) / most)),
  }));
  const entities = result.entities.map((row, number) => ({ ...row, number, kind: "entity" }));
  // What is weak stays in the list and the sum, but would only speckle the text.
  const strong = evidence.filter((row) => Math.abs(row.weight) >= WEAKEST * most);
  const describe = (mark) =>
    mark.kind === "entity" ? `${mark.name} (${mark.class})` : `${titleOf(chosen)} ${signed(mark.weight)}`;
  for (const [field, target] of [["title", "shownTitle"], ["text", "shownText"]]) {
    const marks = [...strong, ...entities].filter((mark) => mark.field === field);
    show($(target), sent[field] ?? "", marks, describe);
    $(target).hidden = !sent[field];
  }
  listEvidence(evidence, most, FIRST);
  $("parts").replaceChildren(
    ...part(say("base"), explanation.base),
    ...part(say("placed"), evidence.reduce((sum, row) => sum + row.weight, 0)),
    ...explanation.unplaced.flatMap((row) =>
      part(say(row.feature), row.weight, say("notInText")),
    ),
    ...part(say("margin"), explanation.margin, "", "total"),
  );
}

function listEvidence(evidence, most, limit) {
  $("evidence").replaceChildren(
    ...evidence.slice(0, limit).map((row) => {
      const button = element("button", { type: "button", className: row.weight > 0 ? "for" : "against" });
      const bar = element("span", { className: "weight" });
      bar.style.width = `${(100 * Math.abs(row.weight)) / most}%`;
      button.append(
        element("span", { className: "phrase", textContent: row.text }),
        element("span", { className: "figure", textContent: signed(row.weight) }),
        bar,
      );
      button.addEventListener("click", () => jump(`[data-evidence="${row.number}"]`));
      const item = element("li");
      item.append(button);
      return item;
    }),
  );
  if (!evidence.length) $("evidence").append(element("li", { className: "hint", textContent: say("noEvidence") }));
  const more = $("more");
  more.hidden = evidence.length <= limit;
  more.textContent = say("more", { n: evidence.length - limit });
  more.onclick = () => {
    listEvidence(evidence, most, evidence.length);
    $("evidence").children[limit]?.firstChild.focus();
  };
}

function part(name, weight, note = "", className = "") {
  const term = element("dt", { textContent: name, className });
  if (note) term.append(element("span", { className: "note", textContent: ` ${note}` }));
  return [term, element("dd", { textContent: signed(weight), className })];
}

function showEntities({ result }) {
  const groups = new Map();
  result.entities.forEach((entity, number) => {
    const group = groups.get(entity.type) ?? groups.set(entity.type, new Map()).get(entity.type);
    group.set(entity.name, [...(group.get(entity.name) ?? []), { ...entity, number }]);
  });
  const box = $("entities");
  box.replaceChildren();
  if (!groups.size) box.append(element("p", { className: "hint", textContent: say("noEntities") }));
  for (const [type, names] of groups) {
    const list = element("ul", { className: "chips" });
    for (const [name, found] of names) {
      let next = 0;
      const button = element("button", { type: "button", textContent: name, title: found[0].class });
      if (found.length > 1) {
        const count = element("span", { className: "count", textContent: found.length });
        count.setAttribute("aria-hidden", "true");
        const spoken = element("span", { className: "quiet", textContent: `, ${say("times", { n: found.length })}` });
        button.append(count, spoken);
      }
      button.addEventListener("click", () => jump(`[data-entity="${found[next++ % found.length].number}"]`));
      const item = element("li");
      item.append(button);
      list.append(item);
    }
    box.append(element("h3", { textContent: say(type) }), list);
  }
}

/** Go to a mark in the article and let it be seen. */
function jump(selector) {
  const [first, ...rest] = document.querySelectorAll(`.article ${selector}`);
  if (!first) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  first.tabIndex = -1;
  first.focus({ preventScroll: true });
  first.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  for (const mark of [first, ...rest]) {
    mark.classList.add("found");
    setTimeout(() => mark.classList.remove("found"), 1600);
  }
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

/** A probability as a person says it; none is ever certain. */
function percent(value) {
  const figure = new Intl.NumberFormat(language(), { style: "percent" });
  if (value > 0.99) return `>${figure.format(0.99)}`;
  return value < 0.01 ? `<${figure.format(0.01)}` : figure.format(value);
}

const signed = (value) =>
  new Intl.NumberFormat(language(), { signDisplay: "exceptZero", minimumFractionDigits: 2, maximumFractionDigits: 2 })
    .format(value)
    .replace("-", "−");
