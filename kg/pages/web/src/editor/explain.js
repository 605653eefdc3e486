// What is wrong with a query that the store in the browser refuses, and where: told as the service tells it.

import { declared, placeOf, tokens } from "./sparql.js";

const UPDATES = new Set(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]);
const POSITION = /error at (\d+):(\d+)/;
const BLANK = " ".repeat(100);

/** Return detail, line, column and hint. `complaint` gives what a parser says of a text, an empty text when it is right. */
export function explained(text, message, known, complaint) {
  const found = tokens(text);
  return update(text, found) ?? service(text, found) ?? undeclared(text, found, known) ?? wrong(text, found, message, complaint);
}

function problem(text, start, detail, hint) {
  return { kind: "problem", detail, hint, ...placeOf(text, start) };
}

function update(text, found) {
  let skip = 0;
  for (const token of found) {
    const word = token.kind === "word" ? token.text.toUpperCase() : "";
    if (word === "PREFIX" || word === "BASE") skip = word === "PREFIX" ? 2 : 1;
    else if (skip) skip -= 1;
    else if (UPDATES.has(word)) return problem(text, token.start, `${word} is an update, and the graph is read-only`);
    else return null;
  }
  return null;
}

function service(text, found) {
  const at = found.find((token) => token.kind === "word" && token.text.toUpperCase() === "SERVICE");
  const hint = "query the other endpoint itself and join the results";
  return at ? problem(text, at.start, "SERVICE is refused: a query reads this graph only", hint) : null;
}

function undeclared(text, found, known) {
  const names = new Set([...Object.keys(known), ...Object.keys(declared(text)), "_"]);
  const at = found.find((token, index) => {
    const declares = found[index - 1]?.text.toUpperCase() === "PREFIX";
    return token.kind === "name" && !declares && !names.has(token.text.split(":")[0]);
  });
  if (!at) return null;
  const prefix = at.text.split(":")[0];
  const hint = `begin with PREFIX ${prefix}: <...>; known without it: ${Object.keys(known).sort().join(", ")}`;
  return problem(text, at.start, `the prefix ${prefix}: is not declared`, hint);
}

function wrong(text, found, message, complaint) {
  if (!POSITION.test(message)) return { kind: "problem", detail: message };
  const index = firstWrong(text, found, complaint);
  const at = found[index] ?? { text: "", start: text.trimEnd().length };
  const open = found.slice(0, index + 1).find((token) => token.kind === "open");
  if (open) return problem(text, open.start, "the string is not closed");
  const sentence = /The SELECT [\w ]+/.exec(message)?.[0];
  const syntax = at.text ? `syntax error at '${at.text.slice(0, 40)}'` : `the query ${found.length ? "ends too early" : "is empty"}`;
  const slash = at.text === "/" && found[index - 1]?.kind === "name";
  const hint = slash ? "in a prefixed name a slash is written \\/, or write the IRI: <model/...>" : undefined;
  return problem(text, at.start, sentence ? sentence[0].toLowerCase() + sentence.slice(1) : syntax, hint);
}

/** Return the index of the first token with which the text can no longer be the beginning of a query. */
function firstWrong(text, found, complaint) {
  let [low, high] = [0, found.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const beginning = text.slice(0, found[middle].end) + BLANK;
    const told = POSITION.exec(complaint(beginning));
    const end = placeOf(beginning, beginning.length);
    const [line, column] = told ? [Number(told[1]), Number(told[2])] : [Infinity, 0];
    if (line > end.line || (line === end.line && column >= end.column)) low = middle + 1;
    else high = middle;
  }
  return low;
}
