// The service answers: SPARQL 1.1 Protocol at `sparql`, DELETE at `queries/<id>` to stop.

import { readRows, readTriples } from "./answers.js";

const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9, application/problem+json;q=0.1";

/** Return what asks the endpoint of a site whose root is `root`. */
export function remote({ root }) {
  return {
    ready: true,
    async run(text, { signal }) {
      const reply = await asked(root, text, ACCEPT, signal);
      if (!reply.ok) return problemOf(reply);
      const type = reply.headers.get("Content-Type") ?? "";
      return type.startsWith("application/sparql-results+json") ? readRows(await reply.text()) : readTriples(await reply.text());
    },
    async file(text, media, { signal }) {
      const reply = await asked(root, text, media, signal);
      return reply.ok ? reply.blob() : problemOf(reply);
    },
  };
}

/** Post a query. When it is stopped before an answer begins, the service is told which it was, and only then the line is cut. */
async function asked(root, text, accept, signal) {
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const line = new AbortController();
  let begun = false;
  signal.addEventListener("abort", async () => {
    try {
      if (!begun) await fetch(`${root}queries/${id}`, { method: "DELETE" });
    } finally {
      line.abort();
    }
  });
  const headers = { "Content-Type": "application/sparql-query", Accept: accept, "X-Request-Id": id };
  const reply = await fetch(`${root}sparql`, { method: "POST", headers, body: text, signal: line.signal });
  begun = true;
  signal.throwIfAborted();
  return reply;
}

async function problemOf(reply) {
  const text = await reply.text();
  try {
    const { detail, hint, line, column } = JSON.parse(text);
    return { kind: "problem", detail, hint, line, column };
  } catch {
    return { kind: "problem", detail: `the service answers ${reply.status} ${reply.statusText}`.trim() };
  }
}
