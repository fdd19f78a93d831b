// An article with its marks, as text nodes: nothing of it is ever read as HTML by the page.

const HTML = /<(?:p|div|br|html|body|article|section|h[1-6]|ul|li|table)\b[^>]*>/i;
const MARKUP = /<!--[\s\S]*?(?:-->|$)|<(script|style|noscript|template)\b[\s\S]*?(?:<\/\1\s*>|$)|<\/?[a-z!][^>]*>/gi;
const BLOCK = /^<\/?(?:p|div|article|section|header|footer|nav|h[1-6]|ul|ol|li|table|tr|blockquote|figure)\b/i;

/** What stands where: `{start, end, kind, …}` in code points; returns pieces of text with the marks that cover them. */
export function pieces(text, marks) {
  const points = Array.from(text);
  const bounds = new Set([0, points.length]);
  for (const mark of marks) bounds.add(mark.start).add(mark.end);
  const sorted = [...bounds].sort((one, other) => one - other);
  const open = [...marks].sort((one, other) => one.start - other.start);
  const found = [];
  let next = 0;
  let active = [];
  for (let k = 0; k + 1 < sorted.length; k += 1) {
    const [start, end] = [sorted[k], sorted[k + 1]];
    while (next < open.length && open[next].start <= start) active = [...active, open[next++]];
    active = active.filter((mark) => mark.end > start);
    found.push({ text: points.slice(start, end).join(""), marks: active });
  }
  return found;
}

/** Markup of a page, to be left out where the article is shown. */
export function markup(text) {
  if (!HTML.test(text)) return [];
  const found = [];
  let seen = 0;
  let points = 0;
  for (const match of text.matchAll(MARKUP)) {
    points += Array.from(text.slice(seen, match.index)).length;
    const length = Array.from(match[0]).length;
    const shown = /^<br\b/i.test(match[0]) ? "\n" : BLOCK.test(match[0]) ? "\n\n" : "";
    found.push({ start: points, end: points + length, kind: "markup", shown });
    points += length;
    seen = match.index + match[0].length;
  }
  return found;
}

/** Show `text` in `target` with marks; `describe` gives the tooltip of a mark. */
export function show(target, text, marks, describe) {
  const hidden = markup(text);
  target.classList.toggle("page-source", hidden.length > 0);
  target.replaceChildren();
  for (const piece of pieces(text, [...hidden, ...marks])) {
    const tag = piece.marks.find((mark) => mark.kind === "markup");
    const shown = tag ? tag.shown : hidden.length ? decoded(piece.text) : piece.text;
    if (!shown) continue;
    if (tag) {
      // One empty line between blocks, however many tags stand there.
      if (!target.textContent.endsWith(shown)) target.append(shown);
      continue;
    }
    target.append(piece.marks.length && !/^\s*\n\s*$/.test(shown) ? marked(shown, piece.marks, describe) : shown);
  }
  while (target.firstChild?.nodeType === Node.TEXT_NODE && !target.firstChild.data.trim()) target.firstChild.remove();
}

function marked(text, marks, describe) {
  const evidence = marks.find((mark) => mark.kind === "evidence");
  const entity = marks.find((mark) => mark.kind === "entity");
  const element = document.createElement(evidence ? "mark" : "span");
  element.textContent = text;
  if (evidence) {
    element.classList.add(evidence.weight > 0 ? "for" : "against", `s${evidence.level}`);
    element.dataset.evidence = evidence.number;
  }
  if (entity) {
    element.classList.add("entity");
    element.dataset.entity = entity.number;
  }
  element.title = [entity, evidence].filter(Boolean).map(describe).join(" · ");
  return element;
}

function decoded(text) {
  return text.replace(/&(?:#\d+|#x[\da-f]+|\w+);/gi, (reference) => {
    // Nothing but a character reference reaches the parser.
    return new DOMParser().parseFromString(reference, "text/html").documentElement.textContent;
  });
}
