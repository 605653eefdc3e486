// An answer as a graph: triples, or rows in which one column is linked with another.

import { textOf } from "./answers.js";
import { choice, make } from "./dom.js";
import { shortened } from "./sparql.js";
import { hrefOf, pathsOf } from "./table.js";

const MOST = 500;
const NONE = "-1";
const LABEL = "http://www.w3.org/2000/01/rdf-schema#label"; // is the name of a thing and not drawn as one
const graph = Object.values(import.meta.glob("../graph/draw.js"))[0];

/** Show choices of columns and the graph in an element. */
export async function showNetwork(place, answer, settings) {
  const found = columns(answer);
  if (!found || !graph) {
    const why = graph ? "A graph needs triples, or two columns of things." : "The graph view is not in this bundle.";
    place.replaceChildren(make("p", {}, why));
    return;
  }
  const [{ drawGraph }, holder, note] = [await graph(), make("div", { class: "network" }), make("p", { class: "muted small" })];
  const named = answer.names.map((name, column) => [String(column), name]);
  const state = Object.fromEntries(Object.entries(found).map(([key, column]) => [key, String(column)]));
  let view = null;
  const change = (key) => (value) => {
    state[key] = value;
    show();
  };
  let shows = 0;
  async function show() {
    const own = ++shows;
    const drawn = network(answer, Number(state.from), Number(state.relation), Number(state.to), settings);
    await settings.there?.load(pathsOf(drawn.nodes.map(({ id }) => id), settings));
    if (own !== shows) return; // other columns were chosen meanwhile
    for (const node of drawn.nodes) node.href = hrefOf(node.id, settings) ?? undefined;
    note.textContent = drawn.left
      ? `The first ${drawn.nodes.length} things are drawn; ${drawn.left.toLocaleString("en")} rows are left out.`
      : `${drawn.nodes.length} things, ${drawn.edges.length} links`;
    view?.destroy();
    view = drawGraph(holder, drawn, { title: "answer" });
  }
  const bar = make(
    "div",
    { class: "choices" },
    choice("From", named, state.from, change("from")),
    choice("relation", [[NONE, "none"], ...named], state.relation, change("relation")),
    choice("to", named, state.to, change("to")),
  );
  await styled(settings.graphStyle);
  place.replaceChildren(...(answer.kind === "graph" ? [] : [bar]), note, holder);
  await show();
}

/** Load the style of drawings, once. */
function styled(href) {
  if (!href || document.querySelector(`link[href="${CSS.escape(href)}"]`)) return undefined;
  return new Promise((resolve) => document.head.append(make("link", { rel: "stylesheet", href, load: resolve, error: resolve })));
}

/** Choose the columns: triples as they are named, else the first two that hold things. */
function columns({ names, rows }) {
  const at = (...wanted) => names.findIndex((name) => wanted.includes(name.toLowerCase()));
  const [from, relation, to] = [at("s", "subject"), at("p", "predicate", "relation", "property"), at("o", "object", "value")];
  if (from >= 0 && to >= 0) return { from, relation, to };
  const things = names.map((_, column) => column).filter((column) => rows.slice(0, 200).some((row) => row[column]?.type === "uri"));
  const ends = things.filter((column) => column !== relation);
  return ends.length > 1 ? { from: ends[0], relation: ends.includes(relation) ? NONE : relation, to: ends[1] } : null;
}

/** Return nodes and edges; no more than can be read. */
function network({ names, rows }, from, relation, to, settings) {
  const nodes = new Map();
  const edges = new Map();
  const labels = labelsIn(names, rows, [from, to]);
  let left = 0;
  for (const row of rows) {
    const ends = [row[from], row[to]];
    if (!ends[0] || !ends[1] || (relation >= 0 && textOf(row[relation]) === LABEL)) continue;
    const ids = ends.map((term) => `${term.type === "literal" ? '"' : ""}${textOf(term)}`);
    const fresh = new Set(ids.filter((id) => !nodes.has(id)));
    if (nodes.size + fresh.size > MOST) {
      left += 1;
      continue;
    }
    ids.forEach((id, at) => nodes.has(id) || nodes.set(id, node(id, ends[at], labels, settings)));
    const predicate = relation >= 0 ? textOf(row[relation]) : "";
    const label = shortened(predicate, settings).replace(/^kg:/, "");
    edges.set(`${ids[0]} ${predicate} ${ids[1]}`, { source: ids[0], target: ids[1], relation: label || "linked", label });
  }
  return { nodes: [...nodes.values()], edges: [...edges].map(([id, edge]) => ({ id, ...edge })), left };
}

function node(id, term, labels, settings) {
  const text = textOf(term);
  const path = term.type === "uri" && text.startsWith(settings.base) ? text.slice(settings.base.length) : "";
  const label = labels.get(text) ?? (term.type === "uri" ? shortened(text, settings).replace(/^[a-z]+\//, "") : text);
  return { id, label: [...label].slice(0, 80).join(""), kind: path.split("/")[0] || "other" };
}

/** Map things to their names where the answer says them: a label among triples, or a column of names behind one of things. */
function labelsIn(names, rows, ends) {
  const found = new Map();
  for (const row of rows) {
    if (row.length === 3 && textOf(row[1]) === LABEL && row[0]) found.set(textOf(row[0]), textOf(row[2]));
  }
  for (const end of ends) {
    const column = names.findIndex((name) => name !== names[end] && new RegExp(`^${names[end]}_?(?:name|label)$`, "i").test(name));
    const other = column >= 0 ? column : end === Math.min(...ends) ? names.indexOf("name") : -1;
    if (other >= 0) for (const row of rows) if (row[end] && row[other]) found.set(textOf(row[end]), textOf(row[other]));
  }
  return found;
}
