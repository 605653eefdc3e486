// A graph of things in an element of a page: canvas, tools, list, filters. The graph page and results of queries are drawn by it.

import cytoscape from "cytoscape";
import { colours, fontOf, radiusOf, style } from "./drawing.js";
import { counted, make, save } from "./elements.js";
import { known } from "./kinds.js";
import { place } from "./layout.js";
import { Model } from "./model.js";
import { Panel, leftOf } from "./panel.js";
import { drawing } from "./svg.js";

const NAMED = 30; // edges that all show their names
const MANY = 200; // edges that are drawn thin, things among which hubs have large names
const MARGIN = 24; // pixels around what is fitted into the frame
const CLOSE = 1.4; // zoom at which all edges show their names

/**
 * Draw `nodes` ({id, label, kind, models?, described?, page?}) and `edges` ({source, target, relation, label?, stages?, roles?}) in an
 * element, and return what changes the drawing. A node whose `page` is false has none
 * here, and no neighbours that could be loaded. Options, none of which is needed:
 * - start: the id of the thing that the graph is around; title: its name for files
 * - words: {relation: words}; hrefOf(node): the address of its page
 * - expand(id, group, page): a promise of {thing, nodes, edges, groups}: neighbours; reset(): begin again
 * - changed(what): called when the reader expanded or hid something
 */
export function drawGraph(container, graph, options = {}) {
  return new View(container, graph, options);
}

class View {
  constructor(container, graph, options) {
    this.options = { words: {}, hrefOf: (node) => node.href ?? null, title: "graph", changed() {}, ...options };
    this.model = new Model(this.options.words);
    this.model.add(graph.nodes, graph.edges);
    this.start = this.options.start;
    this.spots = new Map();
    this.panel = new Panel({
      grows: Boolean(this.options.expand),
      choose: (id) => this.choose(id),
      expand: (id, focus) => this.expand(id, focus),
      more: (id, group) => this.more(id, group),
      fold: (id) => this.fold(id),
      open: (id) => this.open(id),
      filter: (what, name, shown) => this.filter(what, name, shown),
    });
    this.build(container);
    this.draw();
    this.refresh({ fit: true });
  }

  // What stands on the page ----------------------------------------------------------------------------------------------------

  build(container) {
    const button = (text, label, click) => make("button", { type: "button", click, "aria-label": label, title: label }, text);
    this.search = make("input", { type: "search", placeholder: "Find in the graph", "aria-label": "Find in the graph", autocomplete: "off", input: () => this.find(), keydown: (event) => this.searched(event) });
    this.status = make("p", { class: "graph-status muted small", role: "status" });
    this.canvas = make("div", { class: "graph-canvas __________cytoscape_container", role: "img", tabindex: "0", keydown: (event) => this.move(event) });
    const bar = make(
      "div",
      { class: "graph-bar", role: "group", "aria-label": "The drawing" },
      this.search,
      make("span", { class: "graph-tools" }, button("−", "Zoom out", () => this.zoom(1 / 1.4)), button("+", "Zoom in", () => this.zoom(1.4)), button("Fit", "Fit all into view", () => this.fit())),
      this.options.reset && button("Reset", "Reset to the beginning", () => this.options.reset()),
      make("span", { class: "graph-tools" }, button("SVG", "Save as SVG", () => this.saveSvg()), button("PNG", "Save as PNG", () => this.savePng())),
    );
    this.element = make("div", { class: "graph-frame" }, bar, make("div", { class: "graph-stage" }, this.canvas, this.status), this.panel.element);
    container.replaceChildren(this.element);
    container.hidden = false;
  }

  draw() {
    if (!document.getElementById("__________cytoscape_stylesheet")) document.head.append(make("meta", { id: "__________cytoscape_stylesheet" })); // its one rule stands in graph.css: a page takes no style from scripts
    this.colours = colours();
    this.cy = cytoscape({ container: this.canvas, style: style(this.colours), layout: { name: "preset" }, minZoom: 0.04, maxZoom: 4, boxSelectionEnabled: false, selectionType: "single", userZoomingEnabled: false });
    this.cy.on("tap", "node", (event) => this.tapped(event.target));
    this.cy.on("tap", (event) => event.target === this.cy && this.choose(null));
    this.cy.on("dbltap", "node", (event) => !event.target.data("more") && this.expand(event.target.id()));
    this.cy.on("dragfree", "node", (event) => Object.assign(this.spots.get(event.target.id()), event.target.position()));
    this.cy.on("mouseover", "node", (event) => this.lift(event.target.id(), true));
    this.cy.on("zoom", () => this.zoomed());
    this.cy.on("mouseout", "node", () => this.lift(this.chosen));
    this.canvas.addEventListener("pointerdown", () => this.cy.userZoomingEnabled(true)); // a page that is scrolled past is not zoomed
    this.canvas.addEventListener("pointerleave", () => this.cy.userZoomingEnabled(false));
    this.recolour = () => this.cy.style(style((this.colours = colours())));
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", this.recolour);
    document.addEventListener("kg-theme", this.recolour);
    this.cy.on("dragpan scrollzoom pinchzoom", () => (this.moved = true));
    this.sized = new ResizeObserver(() => (this.moved ? this.cy.resize() : this.fit(this.around)));
    this.sized.observe(this.canvas);
  }

  /** Take the drawing away. */
  destroy() {
    this.dark.removeEventListener("change", this.recolour);
    document.removeEventListener("kg-theme", this.recolour);
    this.sized.disconnect();
    this.cy.destroy();
    this.element.remove();
  }

  // What is drawn --------------------------------------------------------------------------------------------------------------

  /** Draw what there is now: new things get places, what is hidden goes. */
  refresh({ fit = false, around = null } = {}) {
    const { nodes, edges } = this.seen();
    const degree = this.model.degrees();
    const wide = this.canvas.clientWidth / Math.max(1, this.canvas.clientHeight);
    const spots = nodes.map((node) => ({ ...this.spots.get(node.id), ...node, font: fontOf(node, degree.get(node.id) ?? 1, nodes.length > MANY), radius: radiusOf(node, degree.get(node.id) ?? 1) }));
    if (spots.some((spot) => spot.x === undefined)) place(spots, edges, wide || 1.5);
    for (const spot of spots) this.spots.set(spot.id, spot);
    this.cy.batch(() => this.put(spots, edges));
    this.panel.showThings(nodes.filter((node) => !node.more), this.chosen, this.matches(nodes));
    this.panel.showFilters(this.model);
    this.showChosen();
    this.lift(this.chosen);
    this.canvas.setAttribute("aria-label", `A drawing of ${counted(nodes.filter((node) => !node.more).length)} things and ${counted(edges.length)} links between them; the list beside it holds the same. Arrow keys move it, plus and minus zoom.`);
    if (fit) this.fit(around);
  }

  /** Return the things and edges that are seen, and a thing for what is left to load of each relation. */
  seen() {
    const { nodes, edges } = this.model.seen(this.start);
    const shown = new Set(nodes.map((node) => node.id));
    for (const id of shown) {
      for (const group of this.model.waiting(id)) {
        if (this.model.hiddenRelations.has(group.relation)) continue;
        const own = `more ${group.name} ${id}`;
        nodes.push({ id: own, label: `… ${leftOf(group)}`, kind: "more", more: { id, group: group.name } });
        edges.push({ key: `to ${own}`, source: id, target: own, relation: "more", label: "" });
      }
    }
    return { nodes, edges };
  }

  put(spots, edges) {
    const ids = new Set([...spots.map((spot) => spot.id), ...edges.map((edge) => edge.key)]);
    this.cy.elements().filter((element) => !ids.has(element.id())).remove();
    for (const spot of spots) {
      const data = { id: spot.id, label: spot.label, radius: spot.radius, font: spot.font, more: spot.more };
      const own = this.cy.getElementById(spot.id);
      const classes = this.classes(spot);
      if (own.empty()) this.cy.add({ group: "nodes", data, position: { x: spot.x, y: spot.y }, classes });
      else own.data(data).position({ x: spot.x, y: spot.y }).classes(classes);
    }
    const all = [edges.length <= NAMED && "named", edges.length > MANY && "many", this.close && "close"].filter(Boolean).join(" ");
    for (const { key, source, target, relation, label } of edges) {
      const own = this.cy.getElementById(key);
      const data = { id: key, source, target, relation, label: label.replace(/ (?=\()/u, "\n") };
      const classes = relation === "more" ? "more" : all;
      if (own.empty()) this.cy.add({ group: "edges", data, classes });
      else own.data(data).classes(classes);
    }
  }

  classes(spot) {
    if (spot.more) return "more";
    return [`kind-${known(spot.kind)}`, this.hollow(spot) && "known", spot.id === this.start && "start"].filter(Boolean).join(" ");
  }

  hollow(node) {
    return node.kind === "model" && node.described === false;
  }

  // What the reader does -------------------------------------------------------------------------------------------------------

  tapped(node) {
    const more = node.data("more");
    if (more) this.more(more.id, more.group);
    else this.choose(node.id());
  }

  /** Choose a thing, or none; `quietly` as something to begin with. */
  choose(id, quietly = false) {
    this.chosen = id && this.model.nodes.has(id) ? id : null;
    this.showChosen();
    this.panel.mark(this.chosen);
    this.lift(quietly ? null : this.chosen);
    const node = this.chosen && this.cy.getElementById(this.chosen);
    if (node?.nonempty() && !this.inView(node)) this.center(node);
    if (this.chosen && !quietly) this.say(`${this.model.nodes.get(this.chosen).label} is chosen.`);
  }

  showChosen() {
    const node = this.model.nodes.get(this.chosen);
    const { edges } = this.model.seen(this.start);
    const own = node ? edges.filter((edge) => edge.source === node.id || edge.target === node.id) : [];
    this.panel.showChosen(node, own, this.model, { expandable: Boolean(this.options.expand) && node?.page !== false, hrefOf: this.options.hrefOf, loaded: Boolean(node && this.model.groups.has(node.id)) });
  }

  /** Mark a thing and what is next to it; if wanted, let the rest step back. */
  lift(id, alone = false) {
    const own = id ? this.cy.getElementById(id) : this.cy.collection();
    this.cy.batch(() => {
      this.cy.elements().removeClass("near far chosen");
      if (own.nonempty()) {
        const near = own.closedNeighborhood();
        near.addClass("near");
        if (alone) this.cy.elements().difference(near).addClass("far");
      }
      if (this.chosen) this.cy.getElementById(this.chosen).addClass("chosen");
    });
  }

  /** Load the neighbours of a thing; what cannot be loaded is said. */
  async expand(id, focus = false) {
    if (!this.options.expand) return this.open(id);
    if (this.model.nodes.get(id)?.page === false) return this.say(`${this.model.nodes.get(id).label} has no page on this site, and nothing to expand.`);
    if (this.model.groups.has(id)) {
      const next = this.model.waiting(id)[0];
      if (next) return this.more(id, next.name);
      return this.say(`All that is linked with ${this.model.nodes.get(id)?.label} is shown.`);
    }
    this.chosen = id;
    return this.load(id, undefined, 1, focus);
  }

  /** Load the next page of a relation of a thing. */
  async more(id, name) {
    const group = this.model.groups.get(id)?.get(name);
    if (!group?.next) return undefined;
    return this.load(id, name, group.next, false);
  }

  async load(id, name, page, focus) {
    const before = this.model.nodes.size;
    const label = this.model.nodes.get(id)?.label ?? id;
    this.say(`Loading what ${label} is linked with …`);
    try {
      const links = await this.options.expand(id, name, page);
      this.model.addLinks(links, name);
    } catch (error) {
      this.say(error.message, true);
      return;
    }
    const grown = this.model.nodes.size - before;
    this.refresh({ fit: true, around: this.model.nodes.size > 60 ? id : null });
    if (focus) this.panel.focus(id);
    const left = this.model.waiting(id).map((group) => `${leftOf(group)} ${group.label}`);
    this.say(`${counted(grown)} thing${grown === 1 ? "" : "s"} added around ${label}${left.length ? `; ${left.join(", ")}` : ""}.`);
    this.options.changed({ expanded: id, group: name, page });
  }

  /** Add a page of neighbours that was loaded elsewhere; the drawing is made when all are there. */
  add(links, name) {
    this.model.addLinks(links, name);
  }

  fold(id) {
    this.model.fold(id, this.start);
    this.refresh();
    this.say(`What hung on ${this.model.nodes.get(id)?.label} alone is folded away.`);
    this.options.changed({ folded: id });
  }

  open(id) {
    const href = this.options.hrefOf(this.model.nodes.get(id));
    if (href) location.assign(href);
  }

  filter(what, name, shown) {
    const hidden = what === "relation" ? this.model.hiddenRelations : this.model.hiddenKinds;
    if (shown) hidden.delete(name);
    else hidden.add(name);
    const focused = document.activeElement?.value;
    this.refresh();
    this.panel[what === "relation" ? "relations" : "kinds"].querySelector(`input[value="${CSS.escape(focused ?? "")}"]`)?.focus();
    const { nodes } = this.model.seen(this.start);
    this.say(`${counted(nodes.length)} of ${counted(this.model.nodes.size)} things are shown.`);
    this.options.changed({});
  }

  matches(nodes) {
    const text = this.search.value.trim().toLocaleLowerCase("en");
    return text ? new Set(nodes.filter((node) => !node.more && node.label.toLocaleLowerCase("en").includes(text)).map((node) => node.id)) : null;
  }

  find() {
    const { nodes } = this.model.seen(this.start);
    const found = this.matches(nodes);
    this.cy.batch(() => {
      const own = this.cy.nodes().removeClass("found").filter((node) => Boolean(found?.has(node.id())));
      own.addClass("found");
      this.cy.elements().removeClass("near far");
      if (own.nonempty()) this.cy.elements().difference(own).addClass("far");
      if (own.nonempty() && !own.some((node) => this.inView(node))) this.center(own);
    });
    this.panel.showThings(nodes, this.chosen, found);
    if (!found) this.lift(this.chosen);
    if (found) this.say(`${counted(found.size)} of ${counted(nodes.length)} things found.`);
  }

  searched(event) {
    const first = this.panel.list.firstElementChild;
    if (event.key === "Enter" && first) this.choose(first.dataset.id);
    if (event.key === "ArrowDown" && first) first.focus();
    if (event.key === "Enter" || event.key === "ArrowDown") event.preventDefault();
  }

  // What is seen of it ---------------------------------------------------------------------------------------------------------

  move(event) {
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (step) this.pan({ x: step[0], y: step[1] });
    else if (event.key === "+" || event.key === "=") this.zoom(1.3);
    else if (event.key === "-") this.zoom(1 / 1.3);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }

  /** Show the names of all edges when one looks closely. */
  zoomed() {
    const close = this.cy.zoom() >= CLOSE;
    if (close !== Boolean(this.close)) this.cy.edges().toggleClass("close", close);
    this.close = close;
  }

  pan(by) {
    this.moved = true;
    this.cy.panBy(by);
  }

  zoom(by) {
    this.moved = true;
    this.cy.zoom({ level: this.cy.zoom() * by, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
  }

  center(elements) {
    this.moved = true;
    this.cy.center(elements);
  }

  /** Show all, or (around a thing) what is next to it, also when the frame changes its size, until the reader moves it. */
  fit(around = null) {
    this.around = around;
    this.moved = false;
    this.cy.resize();
    if (!this.cy.width() || !this.cy.height()) return;
    this.cy.fit(around ? this.cy.getElementById(around).closedNeighborhood() : this.cy.elements(), MARGIN);
    if (this.cy.zoom() > 1.3) this.cy.zoom({ level: 1.3, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
  }

  inView(node) {
    const { x, y } = node.renderedPosition();
    return x > 0 && y > 0 && x < this.cy.width() && y < this.cy.height();
  }

  say(text, wrong = false) {
    this.status.textContent = text;
    this.status.classList.toggle("wrong", wrong);
  }

  // What is kept of it ---------------------------------------------------------------------------------------------------------

  saveSvg() {
    const { nodes, edges } = this.seen();
    const spots = nodes.map((node) => ({ ...this.spots.get(node.id), hollow: this.hollow(node), start: node.id === this.start }));
    const named = edges.length <= NAMED ? edges : edges.map((edge) => ({ ...edge, label: "" }));
    save(`${this.fileName()}.svg`, drawing(this.options.title, spots, named, this.colours), "image/svg+xml");
    this.say("The drawing is saved as SVG.");
  }

  async savePng() {
    const box = this.cy.elements().boundingBox();
    const scale = Math.min(2, 8000 / Math.max(1, box.w, box.h));
    save(`${this.fileName()}.png`, await this.cy.png({ output: "blob-promise", full: true, scale, bg: this.colours.surface }));
    this.say("The drawing is saved as PNG.");
  }

  fileName() {
    return `graph-${this.options.title}`.toLocaleLowerCase("en").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  }
}

