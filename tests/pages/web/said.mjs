// Answers questions about the editor's modules: [name, value ...] as JSON in a line of standard input, what it says as JSON in a line.

import { createInterface } from "node:readline";

const source = new URL("../../../kg/pages/web/src/editor/", import.meta.url);
const { declared, offsetOf, placeOf, shortened, tokens } = await import(new URL("sparql.js", source));
const { readTriples, readRows, numberOf, textOf } = await import(new URL("answers.js", source));
const { filled } = await import(new URL("parameters.js", source));
const { explained } = await import(new URL("explain.js", source));
const { hrefOf: hrefAt } = await import(new URL("table.js", source));
const { There } = await import(new URL("../there.js", source));

async function refused(text, known) {
  const { Store } = await import(new URL("../../node_modules/oxigraph/node.js", source));
  const header = Object.entries(known).map(([prefix, iri]) => `PREFIX ${prefix}: <${iri}> `).join("");
  const complaint = (part) => {
    try {
      new Store().query(header + part, { base_iri: "http://example.org/" });
    } catch (error) {
      return error.message.replace(/error at 1:(\d+)/, (_, column) => `error at 1:${Number(column) - header.length}`);
    }
    return "";
  };
  const wrong = complaint(text);
  return wrong ? explained(text, wrong, known, complaint) : null;
}

/** Return where a site with some lists has the pages of paths, and which of the lists were read for that. */
async function foldersOf(files, paths) {
  const read = [];
  const there = new There(async (name) => {
    read.push(name);
    return JSON.parse(files[name]);
  });
  await there.load(paths);
  await there.load(paths);
  return [paths.map((path) => there.folder(path) ?? null), read.sort()];
}

function hrefOf(iri, { folders, ...settings }) {
  return hrefAt(iri, { ...settings, there: folders && { folder: (path) => folders[path] } });
}

const known = { declared, foldersOf, hrefOf, numberOf, offsetOf, placeOf, readRows, readTriples, refused, shortened, textOf, tokens };
known.filled = filled;

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...values] = JSON.parse(line);
  console.log(JSON.stringify(await known[name](...values)));
}
