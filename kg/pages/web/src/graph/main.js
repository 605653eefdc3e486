// The graph page: draws what the page holds, loads neighbours, and keeps in the address what the reader opened and hid.
//
// ?from=IRI &expanded=dataset/cc3m &expanded=2:^trainedOn:dataset/cc3m (a further page of one relation) &relation=trainedOn (only
// these are shown) &kind=model

import { drawGraph } from "./draw.js";
import { thereOf } from "../there.js";

export { drawGraph };

const PAGED = /^(\d+):(\^?\w+):(.+)$/su;
const RICH = 14; // things that make a first view worth looking at
const OPENED = 3; // things that are opened for it
const MOST = 60; // steps that an address may ask for

const root = document.body.dataset.root ?? "./";
const isStatic = "static" in document.body.dataset;
const there = isStatic ? thereOf(root) : null; // which things a published site has pages of

/** Return the address of a page by its path. */
function pageOf(path, query = {}) {
  const asked = new URLSearchParams(query).toString();
  return `${root}${path}${isStatic ? "/" : ""}${asked ? `?${asked}` : ""}`;
}

/** Tell of each thing whether the site has a page of it: a live one has all. */
async function marked(links) {
  const things = [links.thing, ...links.nodes];
  await there?.load(things.map(({ id }) => id));
  if (there) for (const thing of things) thing.page = there.folder(thing.id) !== undefined;
  return links;
}

/** Return a page of the neighbours of a thing, by its path; a published site has it in a folder, if at all. */
async function linksOf(path, page, relation) {
  await there?.load([path]);
  if (there && !there.folder(path)) throw new Error(`This site has no page of ${path}.`);
  const part = `${there?.folder(path) ?? path}${page > 1 ? `/page/${page}` : ""}`;
  const query = new URLSearchParams({ format: "links", ...(relation ? { relation } : {}) });
  const reply = await fetch(isStatic ? `${root}${part}/links.json` : `${root}${part}?${query}`, { headers: { Accept: "application/json" } });
  if (reply.ok) return marked(await reply.json());
  if (reply.status !== 404) throw new Error(`The neighbours of ${path} cannot be loaded: the server answers ${reply.status}.`);
  throw new Error(page > 1 ? "This site keeps no more of them for the drawing; the thing's own page lists all." : `The graph knows nothing of ${path}.`);
}

class GraphPage {
  constructor(container, { links, words, asked }) {
    this.container = container;
    this.base = container.dataset.base;
    this.first = links;
    this.words = words;
    this.server = asked; // whether the server has read what to begin with
    this.steps = [];
  }

  async begin() {
    const asked = new URLSearchParams(location.search);
    await marked(this.first);
    const from = asked.get("from")?.trim();
    if (from && !this.server) this.first = await this.loaded(from.startsWith(this.base) ? from.slice(this.base.length) : from);
    this.draw();
    const steps = asked.getAll("expanded").slice(0, MOST);
    if (steps.length || from) await this.replay(steps);
    else await this.invite();
    this.hide(asked.getAll("relation"), "relation");
    this.hide(asked.getAll("kind"), "kind");
    this.view.refresh();
    this.view.fit();
    this.view.choose(this.first.thing.id, true);
    const { nodes, edges } = this.view.model.seen(this.first.thing.id);
    this.view.say(`${nodes.length} things and ${edges.length} links are drawn.`);
    this.retitle();
  }

  loaded(path, page = 1, relation = undefined) {
    if (page === 1 && path === this.first.thing.id) return Promise.resolve(this.first);
    return linksOf(path, page, relation);
  }

  draw() {
    this.view?.destroy();
    this.view = drawGraph(this.container, { nodes: [], edges: [] }, {
      start: this.first.thing.id,
      title: this.first.thing.label,
      words: this.words,
      hrefOf: (node) => (node.page === false ? null : pageOf(there?.folder(node.id) ?? node.id)),
      expand: (id, group, page = 1) => this.loaded(id, page, group),
      reset: () => this.reset(),
      changed: (what) => this.changed(what),
    });
    this.view.add(this.first);
  }

  /** Open what the address says, step by step; what cannot be opened is left out. */
  async replay(steps) {
    for (const step of steps) {
      const [, page, group, id] = PAGED.exec(step) ?? [null, "1", undefined, step];
      try {
        this.view.add(await this.loaded(id, Number(page), group), group);
        this.steps.push(step);
      } catch (error) {
        this.view.say(error.message, true);
      }
    }
  }

  /** Open some models beside a beginning that nobody chose, so that there is something to look at. */
  async invite() {
    const models = this.first.nodes.filter((node) => node.described).slice(0, OPENED);
    if (this.first.nodes.length < RICH) await this.replay(models.map((node) => node.id));
  }

  /** Hide what is not among what the address wants to be shown. */
  hide(shown, what) {
    if (!shown.length) return;
    const { relations, kinds } = this.view.model.counts();
    const [there, hidden] = what === "relation" ? [relations, this.view.model.hiddenRelations] : [kinds, this.view.model.hiddenKinds];
    for (const name of there.keys()) if (!shown.includes(name)) hidden.add(name);
  }

  changed({ expanded, group, page, folded }) {
    if (expanded) this.steps.push(page > 1 ? `${page}:${group}:${expanded}` : expanded);
    if (folded) this.steps = this.steps.filter((step) => step !== folded && !step.endsWith(`:${folded}`));
    const { model } = this.view;
    const query = [["from", this.first.thing.id], ...this.steps.map((step) => ["expanded", step])];
    const { relations, kinds } = model.counts();
    const shown = (there, hidden) => (hidden.size ? [...there.keys()].filter((name) => !hidden.has(name)) : []);
    query.push(...shown(relations, model.hiddenRelations).map((name) => ["relation", name]));
    query.push(...shown(kinds, model.hiddenKinds).map((name) => ["kind", name]));
    history.replaceState(null, "", `?${new URLSearchParams(query)}`);
  }

  reset() {
    this.steps = [];
    this.draw();
    this.view.refresh();
    this.view.fit();
    this.view.choose(this.first.thing.id, true);
    this.changed({});
    this.view.say(`Only what is next to ${this.first.thing.label} is shown.`);
  }

  /** Say in the heading what is drawn, where the server did not know it. */
  retitle() {
    const link = document.querySelector("#graph-title a");
    link.textContent = this.first.thing.label;
    link.href = this.view.options.hrefOf(this.first.thing);
    document.title = document.title.replace(/^.*(?= · )/u, `Graph around ${this.first.thing.label}`);
    document.getElementById("graph-list").hidden = true; // the list beside the drawing says the same, and more
    document.getElementById("graph-wait").hidden = true;
  }
}

const container = document.getElementById("graph");
const query = new URLSearchParams(location.search).get("query");
if (container && query) location.replace(pageOf("query", { query, view: "graph" }));
else if (container) {
  const page = new GraphPage(container, JSON.parse(document.getElementById("graph-data").textContent));
  page.begin().catch((error) => {
    container.hidden = true;
    document.getElementById("graph-wait").textContent = `${error.message} Here is another beginning:`;
  });
}
