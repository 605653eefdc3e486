// SPARQL text as the editor and the worker read it: tokens, prefixes, places. The same tokens as kg/sparql/text.py has.

const LETTER = "\\p{L}\\p{N}_";
const TOKEN = new RegExp(
  [
    "(?<space>\\s+|#[^\\n\\r]*)",
    '(?<iri><[^\\x00-\\x20<>"{}|^`\\\\]*>)',
    '(?<string>"{3}(?:"{0,2}(?:[^"\\\\]|\\\\.))*"{3}|\'{3}(?:\'{0,2}(?:[^\'\\\\]|\\\\.))*\'{3}',
    '"(?!"")(?:[^"\\\\\\n\\r]|\\\\.)*"|\'(?!\'\')(?:[^\'\\\\\\n\\r]|\\\\.)*\')',
    '(?<open>(?:"{3}|\'{3}).*|["\'][^\\n\\r]*)',
    `(?<variable>[?$][${LETTER}]+)`,
    "(?<language>@[A-Za-z0-9-]+)",
    `(?<name>(?:\\p{L}(?:[${LETTER}.-]{0,62}[${LETTER}-])?|_)?:(?:[${LETTER}:-]|%[0-9A-Fa-f]{2}|\\\\.|\\.(?=[${LETTER}:.%\\\\-]))*)`,
    `(?<word>\\p{L}[${LETTER}]*)`,
    "(?<other>\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|.)",
  ].join("|"),
  "gsu",
);

/** List the tokens of a query without white space and comments: kind, text, start and end as offsets. */
export function tokens(text) {
  const found = [];
  for (const match of text.matchAll(TOKEN)) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    if (kind !== "space") found.push({ kind, text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/** Map the prefixes that a query declares to their namespaces. */
export function declared(text) {
  const found = {};
  const all = tokens(text);
  all.forEach((token, at) => {
    const [name, iri] = [all[at + 1], all[at + 2]];
    if (token.text.toUpperCase() === "PREFIX" && name?.kind === "name" && iri?.kind === "iri") {
      found[name.text.slice(0, -1)] = iri.text.slice(1, -1);
    }
  });
  return found;
}

/** Return the offset of a line and column, which count from 1, in code points. */
export function offsetOf(text, line, column) {
  const lines = text.split("\n");
  const row = Math.min(Math.max(line, 1), lines.length) - 1;
  const before = lines.slice(0, row).reduce((sum, part) => sum + part.length + 1, 0);
  return before + [...lines[row]].slice(0, Math.max(column, 1) - 1).join("").length;
}

/** Return the line and column of an offset, which count from 1, in code points. */
export function placeOf(text, offset) {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: [...before.slice(before.lastIndexOf("\n") + 1)].length + 1 };
}

/** Return how people read an IRI: below the base its path, else a prefixed name where one fits, else the IRI. */
export function shortened(iri, { base, prefixes }) {
  let best = "";
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    const rest = iri.startsWith(namespace) ? iri.slice(namespace.length) : "/";
    if (/^[\p{L}\p{N}_.-]*$/u.test(rest) && namespace.length > (prefixes[best]?.length ?? 0)) best = prefix;
  }
  if (best) return `${best}:${iri.slice(prefixes[best].length)}`;
  return iri.startsWith(base) && iri !== base ? decoded(iri.slice(base.length)) : iri;
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
