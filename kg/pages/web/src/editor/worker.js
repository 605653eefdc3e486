// The store of a published site: loads the graph (N-Quads, gzip) piece by piece, then answers one query after the other.

import load, { Store } from "oxigraph/web.js";
import wasm from "oxigraph/web_bg.wasm?url";
import { explained } from "./explain.js";
import { tokens } from "./sparql.js";

const PIECE = 4 << 20; // bytes that are read into the store at a time
// A page has 4 GB at most, and the store takes four bytes for each of the text, which gzip makes 15 times smaller.
const LARGEST = { packed: 64 << 20, text: 1 << 30 };
const NEWLINE = 10;

let opened = null;
let known = {};
let base = "";

self.addEventListener("message", async ({ data }) => {
  if (data.graph) {
    ({ base, prefixes: known } = data);
    opened = open(data.graph);
    opened.catch(() => {}); // told to the question that waits for it
    return;
  }
  try {
    const store = await opened;
    postMessage(answer(store, data.text, data.media));
  } catch (error) {
    postMessage({ kind: "problem", detail: error.message, hint: error.hint, lost: true });
  }
});

class Unreadable extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

async function open(address) {
  const reply = await fetched(address);
  const total = Number(reply.headers.get("Content-Length") ?? 0);
  if (total > LARGEST.packed) throw tooLarge();
  const store = await made();
  let read = 0;
  const counting = new TransformStream({
    transform(chunk, control) {
      read += chunk.length;
      control.enqueue(chunk);
    },
  });
  const stream = await unpacked(reply.body.pipeThrough(counting));
  let text = 0;
  for await (const piece of pieces(stream)) {
    text += piece.length;
    if (text > LARGEST.text) throw tooLarge();
    fill(store, piece);
    postMessage({ kind: "progress", read, total: Math.max(total, read), quads: store.size });
  }
  postMessage({ kind: "ready", quads: store.size });
  return store;
}

/** Start the store from bytes: no host has to know what WebAssembly is. */
async function made() {
  const reply = await fetched(wasm);
  await load({ module_or_path: await reply.arrayBuffer() });
  return new Store();
}

async function fetched(address) {
  const reply = await fetch(address).catch((error) => {
    throw new Unreadable(`${address} cannot be loaded: ${error.message}`);
  });
  if (!reply.ok) throw new Unreadable(`${address} cannot be loaded: ${reply.status} ${reply.statusText}`.trim());
  return reply;
}

/** Return a stream unpacked; some hosts say that the file is encoded with gzip, and the browser has unpacked it already. */
async function unpacked(stream) {
  const reader = stream.getReader();
  const { value: first, done } = await reader.read();
  const whole = new ReadableStream({
    start(control) {
      if (done) control.close();
      else control.enqueue(first);
    },
    async pull(control) {
      const { value, done: ended } = await reader.read();
      if (ended) control.close();
      else control.enqueue(value);
    },
  });
  const packed = first?.[0] === 0x1f && first?.[1] === 0x8b;
  return packed ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}

/** Yield whole lines, some megabytes at a time. */
async function* pieces(stream) {
  const reader = stream.getReader();
  let parts = [];
  let size = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (value) {
      parts.push(value);
      size += value.length;
    }
    if (!done && size < PIECE) continue;
    const joined = joinedOf(parts, size);
    const end = done ? joined.length : joined.lastIndexOf(NEWLINE) + 1;
    if (end) yield joined.subarray(0, end);
    if (done) return;
    parts = [joined.subarray(end)];
    size = joined.length - end;
  }
}

function joinedOf(parts, size) {
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function fill(store, piece) {
  try {
    store.load(piece, { format: "nq", no_transaction: true, lenient: true });
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) throw tooLarge();
    throw new Unreadable(`the graph cannot be read: ${error.message}`);
  }
}

function tooLarge() {
  const hint = "download the graph and ask it with kg serve, or look at the pages, which need no query";
  return new Unreadable("the graph is too large for the memory that this browser gives a page", hint);
}

function answer(store, text, media) {
  const header = Object.entries(known).map(([prefix, iri]) => `PREFIX ${prefix}: <${iri}> `).join("");
  const graph = isGraph(text);
  try {
    const answered = store.query(header + text, { base_iri: base, results_format: media ?? (graph ? "nt" : "json") });
    return { kind: graph ? "graph" : "rows", text: answered };
  } catch (error) {
    if (error instanceof RangeError || error instanceof WebAssembly.RuntimeError) {
      const hint = "ask for less: a LIMIT, fewer patterns, no huge ORDER BY or GROUP_CONCAT";
      return { kind: "problem", detail: "the query needs more memory than this browser gives a page", hint, lost: true };
    }
    return explained(text, error.message, known, (beginning) => complaint(header, beginning));
  }
}

/** Return what is wrong with the syntax of a query, with its place in the text behind the header; evaluated is nothing. */
function complaint(header, text) {
  try {
    new Store().query(header + text, { base_iri: base });
  } catch (error) {
    return error.message.replace(/error at 1:(\d+)/, (_, column) => `error at 1:${Number(column) - header.length}`);
  }
  return "";
}

function isGraph(text) {
  const words = tokens(text).filter((token) => token.kind === "word");
  return /^(construct|describe)$/i.test(words.find(({ text: word }) => /^(select|ask|construct|describe)$/i.test(word))?.text ?? "");
}
