// The page `query`: a query is written, asked of the service or of the graph in the browser, and its answer shown.

import { completion, termsOf } from "./complete.js";
import { make } from "./dom.js";
import { editor } from "./editor.js";
import { local } from "./local.js";
import { parameterFields } from "./parameters.js";
import { remote } from "./remote.js";
import { showAnswer } from "./results.js";
import { thereOf } from "../there.js";

const LONGEST = 6000; // characters of an address that every server takes; longer ones go behind the #, which is not sent
const byId = (id) => document.getElementById(id);

function start() {
  const settings = JSON.parse(byId("settings").textContent);
  settings.there = settings.static ? thereOf(settings.root) : null;
  const [form, area, status, place] = ["ask", "query", "status", "answer"].map(byId);
  const [run, cancel, copy] = ["run", "cancel", "copy"].map(byId);
  const backend = settings.static ? local(settings, loading) : remote(settings);
  const examples = new Map(settings.examples.map((example) => [example.name, example]));
  const links = [...document.querySelectorAll("[data-example]")];
  let begun = { name: links.find((link) => link.hasAttribute("aria-current"))?.dataset.example, text: area.value }; // its parameters may have values
  let fieldsOf = settings.static ? null : begun.name; // the query whose parameters stand on the page
  const asked = inAddress(settings, examples) ?? area.value;
  const written = editor(byId("editor"), history.state?.text ?? asked, {
    complete: completion(settings, termsOf(backend, settings.base)),
    run: () => form.requestSubmit(),
    changed: entitle,
  });
  let running = null;
  let ran = null;
  let view = viewInAddress() ?? "table";
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

  async function askedOf(work) {
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
    say(backend.ready ? "Running …" : "Loading the graph, once …");
    history.replaceState(kept(text), "", addressOf(text)); // without a view: what was cancelled is not run again
    const found = await askedOf((signal) => backend.run(text, { signal }));
    if (!found || found.told.kind === "problem") return;
    ran = text;
    say(`${counted(found.told)} in ${found.seconds.toFixed(found.seconds < 10 ? 2 : 0)} s`);
    const viewed = (name) => {
      view = name;
      if (text === ran) history.replaceState(kept(text), "", addressOf(text, view));
    };
    viewed(view);
    showAnswer(place, found.told, settings, { view, viewed, download: (media, end) => download(text, media, end) });
  }

  async function download(text, media, end) {
    const found = await askedOf((signal) => backend.file(text, media, { signal }));
    if (!found || found.told.kind === "problem") return;
    const href = URL.createObjectURL(found.told);
    make("a", { href, download: `query.${end}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  /** Return the name of the shipped query that a text is, with values of its parameters or without. */
  function nameOf(text) {
    return (text === begun.text && begun.name) || settings.examples.find((example) => example.text === text)?.name;
  }

  /** Return what the browser keeps of a text for the way back to it. */
  function kept(text) {
    return { text, name: nameOf(text) };
  }

  /** Tell which of the shipped queries stands there, with its parameters; what the reader changed is no longer one of them. */
  function entitle(text) {
    const name = nameOf(text);
    const title = examples.get(name)?.title ?? ownTitle(text, settings.examples);
    byId("title").textContent = title ?? "your own";
    document.title = document.title.replace(/^.*(?= · )/u, () => title ?? "Ask with SPARQL");
    for (const link of links) {
      if (link.dataset.example === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (settings.static && name && name !== fieldsOf) {
      parameterFields(byId("parameters"), examples.get(name), settings, backend, { use: (filled) => begin(name, filled), asked: askedOf, say });
      fieldsOf = name;
    }
    byId("parameters").hidden = !name || name !== fieldsOf;
  }

  function begin(name, text) {
    begun = { name, text };
    written.text = text;
  }

  /** Show a query that the reader goes to, or back to. */
  function show(name, text) {
    running?.abort(new DOMException("another query is shown", "AbortError"));
    place.replaceChildren();
    written.mark(null);
    say("");
    begin(name, text);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  cancel.addEventListener("click", () => {
    running?.abort(new DOMException("cancelled", "AbortError"));
    run.focus();
  });
  copy.addEventListener("click", () => copied(addressOf(written.text, written.text === ran ? view : null), say));
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opened elsewhere
      history.replaceState(kept(written.text), ""); // the way back leads to what was written
      if (!settings.static) return;
      event.preventDefault();
      const { name, text } = examples.get(link.dataset.example);
      history.pushState(kept(text), "", `?${new URLSearchParams({ name })}`);
      show(name, text);
      written.focus();
    });
  }
  addEventListener("popstate", ({ state }) => {
    if (state?.text === undefined) return; // another place of this page
    show(state.name, state.text);
    if (viewInAddress() && state.text === inAddress(settings, examples)) answer();
  });
  entitle(written.text);
  if (viewInAddress() && written.text === asked) answer(); // a link to an answer, not only to a query
}

function viewInAddress() {
  return new URLSearchParams(location.search).get("view");
}

/** Return what the text says that it asks, and that it is not the shipped query of that title; undefined where it says nothing. */
function ownTitle(text, examples) {
  const [, title] = /^# title: (.+)$/m.exec(text) ?? [];
  return examples.some((example) => example.title === title) ? `${title} (changed)` : title;
}

/** Return the query that stands in the address where the server has not read it. */
function inAddress(settings, examples) {
  const behind = new URLSearchParams(location.hash.slice(1)).get("query");
  if (behind !== null || !settings.static) return behind;
  const asks = new URLSearchParams(location.search);
  return asks.get("query") ?? examples.get(asks.get("name"))?.text ?? null;
}

/** Return the address of a query; with a `view`, it is answered there when it is opened. */
function addressOf(text, view = null) {
  const more = view ? new URLSearchParams({ view }).toString() : "";
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
