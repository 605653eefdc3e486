// The page `query` where the bundle was not built: the answer stands below the form. Without this file the browser shows it itself.

const [form, query, status, answer] = ["ask", "query", "status", "answer"].map((id) => document.getElementById(id));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.replaceChildren();
  status.textContent = "Running …";
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      headers: {
        "Content-Type": "application/sparql-query",
        Accept: "application/sparql-results+json, text/turtle;q=0.9, application/problem+json;q=0.1",
      },
      body: query.value,
    });
    const type = reply.headers.get("Content-Type") ?? "";
    if (!reply.ok) {
      showProblem(await reply.json());
    } else if (type.startsWith("application/sparql-results+json")) {
      showResults(await reply.json());
    } else {
      answer.append(element("pre", await reply.text()));
      status.textContent = "A graph";
    }
  } catch (error) {
    status.textContent = `No answer: ${error.message}`;
  }
});

function showProblem(problem) {
  const place = problem.line ? `Line ${problem.line}, column ${problem.column}: ` : "";
  status.textContent = place + problem.detail + (problem.hint ? `. Hint: ${problem.hint}` : "");
  if (!problem.line) return;
  const lines = query.value.split("\n");
  const before = lines.slice(0, problem.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const start = before + [...lines[problem.line - 1]].slice(0, problem.column - 1).join("").length;
  query.focus();
  query.setSelectionRange(start, start + 1);
}

function showResults(results) {
  if ("boolean" in results) {
    status.textContent = results.boolean ? "Yes" : "No";
    return;
  }
  const names = results.head.vars;
  const rows = results.results.bindings;
  const head = document.createElement("tr");
  head.append(...names.map((name) => Object.assign(element("th", name), { scope: "col" })));
  const body = document.createElement("tbody");
  for (const row of rows.slice(0, 1000)) {
    const line = document.createElement("tr");
    line.append(...names.map((name) => element("td", row[name]?.value ?? "")));
    body.append(line);
  }
  const table = document.createElement("table");
  table.append(document.createElement("thead"), body);
  table.tHead.append(head);
  const scroll = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0, role: "region" });
  scroll.setAttribute("aria-label", "Rows of the answer");
  scroll.append(table);
  answer.append(scroll);
  const shown = rows.length > 1000 ? ", the first 1,000 are shown" : "";
  status.textContent = `${rows.length.toLocaleString("en")} ${rows.length === 1 ? "row" : "rows"}${shown}`;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
