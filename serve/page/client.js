// Asks the service; every failure becomes one kind of error with a message for people.

import { say } from "./words.js";

const KEY = "kawat.key";

/** A request that failed: what to tell, and what the service said of it. */
export class Failure extends Error {
  constructor(message, status = 0, details = []) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export const key = () => sessionStorage.getItem(KEY);
export const keepKey = (value) => sessionStorage.setItem(KEY, value);
export const dropKey = () => sessionStorage.removeItem(KEY);

/** Send a request and return the JSON of the answer; `body` makes it a POST. */
export async function ask(path, body) {
  const headers = key() ? { Authorization: `Bearer ${key()}` } : {};
  const options = { headers, cache: "no-store", credentials: "omit" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failure(say(navigator.onLine ? "unreachable" : "offline"));
  }
  let answer = null;
  try {
    answer = await response.json();
  } catch {
    // Something between us and the service may answer in HTML.
  }
  if (response.ok && answer !== null) return answer;
  throw failure(response, answer);
}

function failure(response, answer) {
  const { status } = response;
  const details = (answer?.detail ?? []).map((item) => item.msg);
  if (status === 401) return new Failure(say("unauthorized"), status);
  if (status === 413) return new Failure(say("too_large"), status);
  if (status === 408 || status === 504) return new Failure(say("timeout"), status);
  if (status === 429 || status === 503) {
    const seconds = Number(response.headers.get("Retry-After"));
    return new Failure(seconds ? say("overloadedFor", { n: seconds }) : say("overloaded"), status);
  }
  if (status >= 400 && status < 500) return new Failure(say("invalid_request"), status, details);
  return new Failure(say("failed", { status }), status);
}
