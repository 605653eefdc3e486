"use strict";

// Without this file the form still works: the browser then shows the answer as the endpoint sends it.
const form = document.getElementById("form");
const query = document.getElementById("query");
const status = document.getElementById("status");
const answer = document.getElementById("answer");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.replaceChildren();
  status.textContent = "Running …";
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: {
        "Content-Type": "application/sparql-query",
        Accept: "application/sparql-results+json, text/turtle;q=0.9, application/problem+json;q=0.1",
      },
      body: query.value,
    });
    const type = response.headers.get("Content-Type") ?? "";
    if (!response.ok) {
      showProblem(await response.json());
    } else if (type.startsWith("application/sparql-results+json")) {
      showResults(await response.json());
    } else {
      answer.append(element("pre", await response.text()));
      status.textContent = "A graph";
    }
  } catch (error) {
    status.textContent = `No answer: ${error.message}`;
  }
});

function showProblem(problem) {
  const place = problem.line ? `Line ${problem.line}, column ${problem.column}: ` : "";
  status.textContent = place + problem.detail + (problem.hint ? ` (${problem.hint})` : "");
  if (problem.line) {
    const lines = query.value.split("\n");
    const before = lines.slice(0, problem.line - 1).join("\n").length + (problem.line > 1 ? 1 : 0);
    const start = before + [...lines[problem.line - 1]].slice(0, problem.column - 1).join("").length;
    query.focus();
    query.setSelectionRange(start, start + 1);
  }
}

function showResults(results) {
  if ("boolean" in results) {
    status.textContent = results.boolean ? "Yes" : "No";
    return;
  }
  const names = results.head.vars;
  const rows = results.results.bindings;
  const head = document.createElement("tr");
  for (const name of names) {
    const cell = element("th", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = document.createElement("tbody");
  for (const row of rows) {
    const line = document.createElement("tr");
    line.append(...names.map((name) => element("td", row[name]?.value ?? "")));
    body.append(line);
  }
  const table = document.createElement("table");
  table.append(document.createElement("thead"), body);
  table.tHead.append(head);
  answer.append(table);
  status.textContent = rows.length === 1 ? "1 row" : `${rows.length} rows`;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
