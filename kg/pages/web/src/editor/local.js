// The graph of a published site, answered in the browser: a worker that loads it on the first question.

import { readRows, readTriples } from "./answers.js";

/** Return what asks a worker about the graph at an address; `say` is told how far the loading is. */
export function local({ graph, base, prefixes }, say) {
  let worker = null;
  let waiting = null; // for the question that is being answered: one at a time

  function started() {
    if (worker) return worker;
    worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => {
      if (data.kind === "ready") backend.ready = true;
      if (data.kind === "ready" || data.kind === "progress") say(data);
      else waiting?.(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      stop();
      waiting?.({ kind: "problem", detail: `the store in the browser has failed: ${event.message || "it did not start"}` });
    });
    worker.postMessage({ graph: new URL(graph, document.baseURI).href, base, prefixes });
    return worker;
  }

  function stop() {
    worker?.terminate();
    worker = null;
    backend.ready = false;
  }

  function asked(text, media, signal) {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        stop(); // a query cannot be stopped otherwise; the next one loads the graph again, from the browser's cache
        reject(signal.reason);
      });
      waiting = (data) => {
        waiting = null;
        if (data.lost) stop();
        resolve(data);
      };
      started().postMessage({ text, media });
    });
  }

  const backend = {
    ready: false,
    async run(text, { signal }) {
      const data = await asked(text, null, signal);
      if (data.kind === "problem") return data;
      return data.kind === "graph" ? readTriples(data.text) : readRows(data.text);
    },
    async file(text, media, { signal }) {
      const data = await asked(text, media, signal);
      return data.kind === "problem" ? data : new Blob([data.text], { type: media });
    },
  };
  return backend;
}
