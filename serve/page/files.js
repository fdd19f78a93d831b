// A file that was opened or dropped becomes an article.

import { Failure } from "./client.js";
import { say } from "./words.js";

const LARGEST = 8 * 2 ** 20;

/** Read one file; returns `{title, text, …}` with what a JSON article holds besides. */
export async function readArticle(files) {
  if (files.length !== 1) throw new Failure(say("fileMany", { n: files.length }));
  const [file] = files;
  const values = { name: file.name };
  const ending = file.name.toLowerCase().match(/\.(txt|html?|json)$/)?.[1];
  if (!ending) throw new Failure(say("fileKind", values));
  if (file.size > LARGEST) throw new Failure(say("fileLarge", values));
  const text = decode(await file.arrayBuffer());
  if (ending !== "json") return { title: "", text };
  let article;
  try {
    article = JSON.parse(text);
  } catch {
    throw new Failure(say("fileJson", values));
  }
  if (typeof article?.text !== "string") throw new Failure(say("fileJson", values));
  const kept = {};
  for (const name of ["id", "language", "url", "published"]) {
    if (typeof article[name] === "string" && article[name]) kept[name] = article[name];
  }
  return { ...kept, title: typeof article.title === "string" ? article.title : "", text: article.text };
}

function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Old pages of Western and Indonesian newsrooms.
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
