// Ask questions with Comunica. Standard input: a list of {how, form, text, sources}; standard output: a list of answers or errors.
//
// how    engine: Comunica's own, which parses the query and sends parts of it; GET, POST, direct: its client, which sends it as it is
// form   rows, truth or graph
const { QueryEngine } = require('@comunica/query-sparql');
const { SparqlEndpointFetcher } = require('fetch-sparql-endpoint');

const FETCHERS = {
  GET: new SparqlEndpointFetcher({ method: 'GET' }),
  POST: new SparqlEndpointFetcher({ method: 'POST' }),
  direct: new SparqlEndpointFetcher({ method: 'POST', directPost: true }),
};
const engine = new QueryEngine();

function term(found) {
  if (!found) return null;
  if (found.termType !== 'Literal') return [found.termType === 'NamedNode' ? 'uri' : found.termType, found.value, ''];
  const datatype = found.datatype.value;
  return ['literal', found.value, found.language || (datatype.endsWith('#string') ? '' : datatype)];
}

function gathered(stream, read) {
  return new Promise((resolve, reject) => {
    const found = [];
    stream.on('data', (item) => found.push(read(item)));
    stream.on('error', reject);
    stream.on('end', () => resolve(found));
  });
}

const row = (bindings) => Object.fromEntries([...bindings].map(([name, value]) => [name.value, term(value)]));
const plain = (bindings) => Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, term(value)]));
const triple = (quad) => [term(quad.subject), term(quad.predicate), term(quad.object)];

async function asked({ how, form, text, sources }) {
  if (how === 'engine') {
    const context = { sources };
    if (form === 'truth') return engine.queryBoolean(text, context);
    if (form === 'graph') return gathered(await engine.queryQuads(text, context), triple);
    return gathered(await engine.queryBindings(text, context), row);
  }
  const fetcher = FETCHERS[how];
  if (form === 'truth') return fetcher.fetchAsk(sources[0], text);
  if (form === 'graph') return gathered(await fetcher.fetchTriples(sources[0], text), triple);
  return gathered(await fetcher.fetchBindings(sources[0], text), plain);
}

async function main() {
  let text = '';
  for await (const part of process.stdin) text += part;
  const answers = [];
  for (const question of JSON.parse(text)) {
    try {
      answers.push({ answer: await asked(question) });
    } catch (error) {
      answers.push({ error: String(error.message || error) });
    }
  }
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
}

main();
