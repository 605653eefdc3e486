// The page `query`: a query is written, asked of the service or of the graph in the browser, and its answer shown.

import { completion, termsOf } from "./complete.js";
import { make } from "./dom.js";
import { editor } from "./editor.js";
import { local } from "./local.js";
import { parameterFields } from "./parameters.js";
import { remote } from "./remote.js";
import { showAnswer } from "./results.js";

const LONGEST = 6000; // characters of an address that every server takes; longer ones go behind the #, which is not sent
const byId = (id) => document.getElementById(id);

function start() {
  const settings = JSON.parse(byId("settings").textContent);
  const [form, area, status, place] = ["ask", "query", "status", "answer"].map(byId);
  const [run, cancel, copy] = ["run", "cancel", "copy"].map(byId);
  const backend = settings.static ? local(settings, loading) : remote(settings);
  const written = editor(byId("editor"), inAddress(settings) ?? area.value, {
    complete: completion(settings, termsOf(backend, settings.base)),
    run: () => form.requestSubmit(),
  });
  let running = null;
  let view = new URLSearchParams(location.search).get("view") ?? "table";
  area.hidden = true;
  area.disabled = true;
  for (const element of document.querySelectorAll("[data-scripted]")) element.hidden = false;
  for (const element of document.querySelectorAll("[data-plain]")) element.hidden = true;
  form.querySelector("label[for=query]").addEventListener("click", () => written.focus());

  function say(text, wrong = false) {
    status.textContent = text;
    status.classList.toggle("wrong", wrong);
  }

  function loading({ kind, read, total, quads }) {
    const size = (bytes) => (bytes / 1e6).toFixed(1);
    if (running && kind === "ready") say("Running …");
    else if (running) say(`Loading the graph, once: ${size(read)} of ${size(total)} MB, ${quads.toLocaleString("en")} quads …`);
  }

  async function asked(work) {
    running?.abort(new DOMException("another query was run", "AbortError"));
    const own = (running = new AbortController());
    run.disabled = true;
    cancel.hidden = false;
    const begun = performance.now();
    try {
      const told = await work(own.signal);
      if (told.kind === "problem") wrong(told);
      return { told, seconds: (performance.now() - begun) / 1000 };
    } catch (error) {
      if (running === own) say(own.signal.aborted ? "Cancelled" : `No answer: ${error.message}`, !own.signal.aborted);
      return null;
    } finally {
      if (running === own) {
        running = null;
        run.disabled = false;
        cancel.hidden = true;
      }
    }
  }

  function wrong(problem) {
    const at = problem.line ? `Line ${problem.line}, column ${problem.column}: ` : "";
    say(`${at}${problem.detail}${problem.hint ? `. Hint: ${problem.hint}` : ""}`, true);
    written.mark(problem);
    if (problem.line) written.focus();
  }

  async function answer() {
    const text = written.text;
    written.mark(null);
    place.replaceChildren();
    entitle(text);
    say(backend.ready ? "Running …" : "Loading the graph, once …");
    history.replaceState(null, "", addressOf(text, view));
    const found = await asked((signal) => backend.run(text, { signal }));
    if (!found || found.told.kind === "problem") return;
    say(`${counted(found.told)} in ${found.seconds.toFixed(found.seconds < 10 ? 2 : 0)} s`);
    const viewed = (name) => {
      view = name;
      history.replaceState(null, "", addressOf(text, view));
    };
    showAnswer(place, found.told, settings, { view, viewed, download: (media, end) => download(text, media, end) });
  }

  async function download(text, media, end) {
    const found = await asked((signal) => backend.file(text, media, { signal }));
    if (!found || found.told.kind === "problem") return;
    const href = URL.createObjectURL(found.told);
    make("a", { href, download: `query.${end}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  /** Tell what a query asks, as its first comment does; one that is the reader's own has no parameters. */
  function entitle(text) {
    const [, title] = /^# title: (.+)$/m.exec(text) ?? [];
    byId("title").textContent = title ?? "your own";
    if (!title) byId("parameters").replaceChildren();
  }

  function begin(example) {
    written.text = example.text;
    place.replaceChildren();
    say("");
    byId("title").textContent = example.title;
    history.replaceState(null, "", `?${new URLSearchParams({ name: example.name })}`);
    for (const link of document.querySelectorAll("[data-example]")) {
      if (link.dataset.example === example.name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    parameterFields(byId("parameters"), example, settings, backend, { use: (text) => (written.text = text), asked, say });
    written.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  cancel.addEventListener("click", () => {
    running?.abort(new DOMException("cancelled", "AbortError"));
    run.focus();
  });
  copy.addEventListener("click", () => copied(addressOf(written.text, view), say));
  if (settings.static) {
    const named = new Map(settings.examples.map((example) => [example.name, example]));
    for (const link of document.querySelectorAll("[data-example]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        begin(named.get(link.dataset.example));
      });
    }
    const asks = new URLSearchParams(location.search);
    if (named.has(asks.get("name")) && !asks.has("query")) begin(named.get(asks.get("name")));
  }
  if (new URLSearchParams(location.search).has("view")) answer(); // a link to an answer, not only to a query
}

/** Return the query that stands in the address where the server has not read it. */
function inAddress(settings) {
  const behind = new URLSearchParams(location.hash.slice(1)).get("query");
  return behind ?? (settings.static ? new URLSearchParams(location.search).get("query") : null);
}

function addressOf(text, view) {
  const more = view === "table" ? "" : new URLSearchParams({ view }).toString();
  const asked = new URLSearchParams({ query: text }).toString();
  const long = asked.length > LONGEST;
  return new URL(`?${[long ? "" : asked, more].filter(Boolean).join("&")}${long ? `#${asked}` : ""}`, location.href).href;
}

async function copied(address, say) {
  try {
    await navigator.clipboard.writeText(address);
    say("The address of this query is copied");
  } catch {
    history.replaceState(null, "", address); // a page that is not loaded safely may not write to the clipboard
    say("The address of this page is that of the query: copy it from there");
  }
}

function counted(told) {
  if (told.kind === "boolean") return told.value ? "Yes" : "No";
  const word = told.kind === "graph" ? "triple" : "row";
  return `${told.rows.length.toLocaleString("en")} ${word}${told.rows.length === 1 ? "" : "s"}`;
}

start();
