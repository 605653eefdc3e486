// The parameters of a shipped query as fields, on a published site: what `kg query --param` and the server's page do.

import { textOf } from "./answers.js";
import { make } from "./dom.js";

const LINE = /^[^\n#]*\S[ \t]+# (?:page|default)$/gm;
const PART = /^[ \t]*# page with (?<parameter>\w+): (?<pattern>.+)$/gm;

/** Put the fields of an example into an element; `use` takes the query with the values. */
export function parameterFields(place, { name, text, parameters }, settings, backend, { use, asked, say }) {
  const fields = parameters.filter(({ kind }) => kind !== "relation").map(({ name: label, definition }) =>
    make("p", {}, make("label", {}, `${label} `, make("input", { name: label, type: "text", autocomplete: "off" })), make("span", { class: "muted small" }, ` ${definition}`)),
  );
  const submit = async (event) => {
    event.preventDefault();
    const given = [...new FormData(event.target)].filter(([, value]) => value.trim());
    const written = await withValues(text, parameters, Object.fromEntries(given), { settings, backend, asked });
    if (!written.wrong) use(written.text);
    say(written.wrong ?? "The values stand in the query", Boolean(written.wrong));
  };
  const form = make("form", { submit, "aria-label": `Parameters of ${name}` }, ...fields, make("button", { type: "submit" }, "Use these values"));
  place.replaceChildren(...(fields.length ? [form] : []));
}

/** Return the text of a query with values of its parameters, or what is wrong with them. */
async function withValues(text, parameters, { page, ...others }, context) {
  if (page !== undefined && page !== "all" && !/^[1-9]\d*$/.test(page)) return { wrong: `'${page}' is no page: give a number from 1 on, or all` };
  const values = {};
  for (const [name, value] of Object.entries(others)) {
    const { kind } = parameters.find((parameter) => parameter.name === name);
    const found = await thing(kind, value.trim(), context);
    if (!found) return { wrong: `no ${kind.toLowerCase()} is called '${value}': give an IRI, or a name as it is written` };
    values[name] = `<${found}>`;
  }
  return { text: filled(text, values, page) };
}

/** Write values where the page stands: what many rows may share, by the first page of it. */
export function filled(text, values, page) {
  const names = Object.keys(values);
  const parts = Object.fromEntries([...text.matchAll(PART)].map(({ groups }) => [groups.parameter, groups.pattern]));
  const part = names.length === 1 && page !== "all" ? (parts[names[0]] ?? "").replace(/\$(\w+)/g, (_, name) => values[name]) : "";
  const given = names.map((name) => `VALUES ?${name} { ${values[name]} }`).join(" ");
  if (page !== "all" && !names.length) return text.replace(LINE, (line) => line.replace(/(?<=\/page\\\/)\d+/, page ?? "1"));
  return text.replace(LINE, () => `${given} ${part}`.trim());
}

/** Return the IRI of a thing of a kind that an IRI, the end of one, or a name means; null for none. */
async function thing(kind, value, { settings, backend, asked }) {
  const literal = JSON.stringify(value);
  const path = `${settings.base}${kind.toLowerCase()}/${value}`;
  const iris = [value.replace(/^<|>$/g, ""), settings.base + value, path].filter((iri) => /^[a-z][\w+.-]*:[^\s<>"{}|^`\\]+$/i.test(iri));
  const named = `{ ?thing rdfs:label ${literal} } UNION { ?thing kg:name ${literal} } UNION { ?thing skos:altLabel ${literal} }`;
  const query = `SELECT DISTINCT ?thing { { VALUES ?thing { ${iris.map((iri) => `<${iri}>`).join(" ")} } } UNION ${named} ?thing a kg:${kind} } LIMIT 1`;
  const found = await asked((signal) => backend.run(query, { signal }));
  return found?.told.rows?.[0] ? textOf(found.told.rows[0][0]) : null;
}
