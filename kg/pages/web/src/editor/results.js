// An answer on the page: a truth, or tabs with a table, a chart and a graph, and its downloads.

import { showChart } from "./chart.js";
import { make } from "./dom.js";
import { showNetwork } from "./network.js";
import { showTable } from "./table.js";

const ROWS = { CSV: ["text/csv", "csv"], JSON: ["application/sparql-results+json", "json"], XML: ["application/sparql-results+xml", "xml"], TSV: ["text/tab-separated-values", "tsv"] };
const GRAPH = { Turtle: ["text/turtle", "ttl"], "JSON-LD": ["application/ld+json", "jsonld"], "N-Triples": ["application/n-triples", "nt"] };
const TABS = { Table: showTable, Chart: showChart, Graph: showNetwork };

/** Show an answer in a view; `download` is called with a media type and the end of a file's name, `viewed` with a view's name. */
export function showAnswer(place, answer, settings, { view, viewed, download }) {
  const files = Object.entries(answer.kind === "graph" ? GRAPH : answer.kind === "boolean" ? { JSON: ROWS.JSON, XML: ROWS.XML } : ROWS);
  const buttons = files.map(([name, [media, end]]) => make("button", { type: "button", click: () => download(media, end) }, name));
  const downloads = make("p", { class: "files" }, "Download ", ...buttons);
  if (answer.kind === "boolean") {
    place.replaceChildren(make("p", { class: "truth" }, answer.value ? "Yes" : "No"), downloads);
    return;
  }
  const panel = make("div", { role: "tabpanel", id: "panel", tabindex: -1 });
  const names = Object.keys(TABS);
  const tabs = names.map((name) =>
    make("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", click: () => open(name), keydown: turn }, name),
  );

  function open(name) {
    tabs.forEach((tab) => {
      const current = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(current));
      tab.tabIndex = current ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", `tab-${name}`);
    panel.replaceChildren();
    viewed(name.toLowerCase());
    return TABS[name](panel, answer, settings);
  }

  function turn(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const to = tabs[(tabs.indexOf(event.target) + move + tabs.length) % tabs.length];
    to.focus();
    open(to.textContent);
  }

  const bar = make("div", { role: "tablist", "aria-label": "Ways to see the answer", class: "tabs" }, ...tabs);
  place.replaceChildren(make("div", { class: "shown" }, bar, downloads), panel);
  open(names.find((name) => name.toLowerCase() === view) ?? names[0]);
}
