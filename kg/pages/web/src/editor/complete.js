// What may follow in a query: keywords, prefixes, variables, and the classes and properties that the graph has.

import { declared, shortened, tokens } from "./sparql.js";

const KEYWORDS = (
  "SELECT CONSTRUCT ASK DESCRIBE DISTINCT REDUCED WHERE FILTER OPTIONAL UNION GRAPH VALUES BIND MINUS EXISTS NOT IN AS PREFIX BASE FROM NAMED " +
  "GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT SEPARATOR STR LANG DATATYPE BOUND IRI IF COALESCE " +
  "STRLEN SUBSTR UCASE LCASE STRSTARTS STRENDS CONTAINS STRBEFORE STRAFTER REPLACE REGEX CONCAT ENCODE_FOR_URI ABS ROUND CEIL FLOOR YEAR MONTH " +
  "DAY isIRI isLITERAL isNUMERIC true false"
).split(" ");
const TYPED = /(?:[?$][\p{L}\p{N}_]*|[\p{L}\p{N}_.-]*:[\p{L}\p{N}_.-]*|[\p{L}_][\p{L}\p{N}_]*)$/u;

/** Return what completes; `terms` gives the graph's classes and properties, and may need a while the first time. */
export function completion(settings, terms) {
  const shipped = settings.examples.flatMap(({ text }) => tokens(text).filter(({ kind }) => kind === "name"));
  const first = [...new Set(shipped.map(({ text }) => text))].filter((name) => /^(?!data:)[\w-]+:[\w-]+$/.test(name)).sort();
  return async (context) => {
    const typed = context.matchBefore(TYPED);
    if (!typed && !context.explicit) return null;
    const text = context.state.doc.toString();
    const [from, word] = [typed?.from ?? context.pos, typed?.text ?? ""];
    if (inComment(text, from)) return null;
    if (/^[?$]/.test(word)) return { from, options: variables(text, word, from), validFor: /^[?$][\p{L}\p{N}_]*$/u };
    if (/PREFIX\s+$/i.test(text.slice(0, from)) || /PREFIX\s+[\w-]*:?$/i.test(text.slice(0, context.pos))) {
      return { from, options: declarations(settings.prefixes) };
    }
    const known = { ...settings, prefixes: { ...settings.prefixes, ...declared(text) } };
    const options = [...(await termsFor(terms, known, text, from, first)), ...prefixes(known.prefixes)];
    const keywords = KEYWORDS.map((label) => ({ label, type: "keyword", boost: -20 }));
    return { from, options: word.includes(":") ? options : [...options, ...keywords], validFor: /^[\p{L}\p{N}_.:-]*$/u };
  };
}

function inComment(text, offset) {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /(?:^|\s)#/.test(line);
}

function variables(text, word, from) {
  const others = tokens(text).filter(({ kind, start }) => kind === "variable" && start !== from);
  return [...new Set(others.map(({ text: name }) => word[0] + name.slice(1)))].map((label) => ({ label, type: "variable" }));
}

function declarations(known) {
  return Object.entries(known).map(([prefix, iri]) => ({ label: `${prefix}:`, detail: iri, apply: `${prefix}: <${iri}>`, type: "namespace" }));
}

function prefixes(known) {
  return Object.entries(known).map(([prefix, iri]) => ({ label: `${prefix}:`, detail: iri, type: "namespace", boost: -10 }));
}

async function termsFor(terms, known, text, from, first) {
  const found = await terms();
  if (!found) return first.map((label) => ({ label, type: "property" }));
  const before = tokens(text.slice(0, from));
  const last = before.at(-1)?.text ?? "";
  const wanted = last === "a" || last === "rdf:type" ? found.classes : [];
  if (wanted.length) return wanted.map((term) => option(term, known, 20));
  const own = classesOf(text, before, known);
  const of = (term) => (own.some((iri) => term.classes.includes(iri)) ? 20 : 0);
  return [...found.properties.map((term) => option(term, known, of(term))), ...found.classes.map((term) => option(term, known, -5))];
}

function option({ iri, label, count, type }, known, boost) {
  const short = shortened(iri, known);
  const usable = /^[\p{L}\p{N}_-]+:[\p{L}\p{N}_-]*$/u.test(short) ? short : `<${iri}>`;
  const detail = [label, `${count.toLocaleString("en")}×`].filter(Boolean).join(" · ");
  return { label: usable, detail, type, boost };
}

/** List the classes that the query gives to the subject of the triple that is being written. */
function classesOf(text, before, known) {
  const end = before.findLastIndex(({ text: word }) => word === "." || word === "{" || word === "}");
  const subject = before[end + 1]?.text;
  const all = tokens(text);
  return all
    .filter((_, at) => all[at].text === subject && /^(?:a|rdf:type)$/.test(all[at + 1]?.text ?? ""))
    .map((token) => all[all.indexOf(token) + 2]?.text ?? "")
    .map((name) => (known.prefixes[name.split(":")[0]] ?? "") + name.slice(name.indexOf(":") + 1));
}

/** Return what asks once for the classes and properties in the build's description (VoID), nothing before they are there. */
export function termsOf(backend, base) {
  let asked = null;
  const graph = `<${base}graph/build>`;
  const data = `<${base}graph/build/data>`;
  const label = "OPTIONAL { ?term rdfs:label ?label }";
  const questions = {
    class: `SELECT ?term ?count (MIN(?label) AS ?name) { GRAPH ${graph} { ${data} void:classPartition ?part . ?part void:class ?term ; void:entities ?count } ${label} } GROUP BY ?term ?count`,
    property: `SELECT ?term ?count (MIN(?label) AS ?name) { GRAPH ${graph} { ${data} void:propertyPartition ?part . ?part void:property ?term ; void:triples ?count } ${label} } GROUP BY ?term ?count`,
    domain: `SELECT ?term ?class { GRAPH ${graph} { ${data} void:classPartition ?whole . ?whole void:class ?class ; void:propertyPartition ?part . ?part void:property ?term } }`,
  };
  async function ask() {
    const rows = {};
    for (const [type, text] of Object.entries(questions)) {
      const told = await backend.run(`PREFIX void: <http://rdfs.org/ns/void#> ${text}`, { signal: new AbortController().signal });
      if (told.kind !== "rows") throw new Error(told.detail);
      rows[type] = told.rows;
    }
    const domains = grouped(rows.domain);
    const read = (type) =>
      rows[type].map(([term, count, name]) => ({
        ...{ iri: term.value, count: Number(count.value), label: name?.value, type },
        classes: (domains.get(term.value) ?? []).map(([, of]) => of.value),
      }));
    return { classes: read("class"), properties: read("property") };
  }
  return async () => {
    if (!asked && !backend.ready) return null;
    asked ??= ask().catch(() => null); // without them the rest is completed
    return asked;
  };
}

function grouped(rows) {
  const found = new Map();
  for (const row of rows) found.set(row[0].value, [...(found.get(row[0].value) ?? []), row]);
  return found;
}
