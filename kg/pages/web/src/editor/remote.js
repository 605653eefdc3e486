// The service answers: SPARQL 1.1 Protocol at `sparql`; DELETE of `queries/<id>` stops a query.

import { readRows, readTriples } from "./answers.js";

const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9, application/problem+json;q=0.1";

const NOTICED = 300; // ms in which a service sees that nobody waits any more

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

/** Post a query. When it is given up the line is cut, which stops it; behind a proxy that keeps the line it is stopped by its id. */
async function asked(root, text, accept, signal) {
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  signal.addEventListener("abort", () => setTimeout(() => stop(root, id), NOTICED));
  const headers = { "Content-Type": "application/sparql-query", Accept: accept, "X-Request-Id": id };
  return fetch(`${root}sparql`, { method: "POST", headers, body: text, signal });
}

/** Stop a query that runs on; ids are listed for those only who may stop the queries of others. */
async function stop(root, id) {
  const reply = await fetch(`${root}queries`);
  const { queries } = reply.ok ? await reply.json() : { queries: [] };
  if (queries.some((query) => (query.id ?? id) === id)) await fetch(`${root}queries/${id}`, { method: "DELETE" });
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
