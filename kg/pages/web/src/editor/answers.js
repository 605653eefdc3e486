// Answers as text -> rows, a truth or triples, of terms as SPARQL's JSON has them: {type, value, datatype, "xml:lang"}.

const TRIPLE = /^(<[^>]*>|_:\S+) (<[^>]*>) (.+) \.$/;
const LITERAL = /^"((?:[^"\\]|\\.)*)"(?:\^\^<([^>]*)>|@([A-Za-z0-9-]+))?$/;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs;
const ESCAPED = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

/** Read SPARQL's JSON results. */
export function readRows(text) {
  const results = JSON.parse(text);
  if ("boolean" in results) return { kind: "boolean", value: results.boolean };
  const names = results.head.vars;
  return { kind: "rows", names, rows: results.results.bindings.map((row) => names.map((name) => row[name] ?? null)) };
}

/** Read N-Triples. */
export function readTriples(text) {
  const rows = [];
  for (const line of text.split("\n")) {
    const match = TRIPLE.exec(line);
    if (match) rows.push(match.slice(1).map(term));
  }
  return { kind: "graph", names: ["subject", "predicate", "object"], rows };
}

function term(text) {
  if (text.startsWith("<") && !text.startsWith("<<")) return { type: "uri", value: plain(text.slice(1, -1)) };
  if (text.startsWith("_:")) return { type: "bnode", value: text.slice(2) };
  const literal = LITERAL.exec(text);
  if (!literal) return { type: "triple", value: text };
  const [, value, datatype, language] = literal;
  return { type: "literal", value: plain(value), ...(datatype && { datatype }), ...(language && { "xml:lang": language }) };
}

function plain(text) {
  return text.replace(ESCAPE, (_, four, eight, other) =>
    other ? (ESCAPED[other] ?? other) : String.fromCodePoint(parseInt(four ?? eight, 16)),
  );
}

/** Return a term as text: of a quoted triple its parts. */
export function textOf(term) {
  if (!term) return "";
  if (typeof term.value !== "object") return term.type === "bnode" ? `_:${term.value}` : term.value;
  const { subject, predicate, object } = term.value;
  return `<<( ${[subject, predicate, object].map(textOf).join(" ")} )>>`;
}

const NUMERIC = /#(?:integer|decimal|double|float|gYear|int|long|nonNegativeInteger)$/;

/** Return the number that a literal states, NaN for all else. */
export function numberOf(term) {
  return term?.type === "literal" && (NUMERIC.test(term.datatype ?? "") || /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(term.value))
    ? Number(term.value)
    : NaN;
}
