// What stands beside the canvas: the chosen thing, the things as a list for keyboard and screen reader, what is shown of them.

import { counted, make } from "./elements.js";
import { NAMES, icon, kindOf, known } from "./kinds.js";

let panels = 0;

/** The panel; `actions` are what it asks for: choose, expand (or not), more, fold, open, filter. */
export class Panel {
  constructor(actions) {
    this.actions = actions;
    this.number = ++panels;
    this.found = "";
    this.chosen = make("section", { class: "graph-chosen", "aria-labelledby": this.id("chosen") });
    this.count = make("h2", { id: this.id("things") }, "Things");
    this.list = make("ul", { class: "graph-things", role: "listbox", "aria-labelledby": this.id("things"), tabindex: "-1" });
    this.list.addEventListener("keydown", (event) => this.key(event));
    const hint = make("p", { class: "muted small" }, actions.grows ? "Arrow keys choose, Enter expands, O opens the page." : "Arrow keys choose, Enter opens the page.");
    this.relations = make("fieldset", { class: "graph-filter" });
    this.kinds = make("fieldset", { class: "graph-filter" });
    this.element = make(
      "div",
      { class: "graph-side" },
      this.chosen,
      make("section", { "aria-labelledby": this.id("things") }, this.count, this.list, hint),
      this.relations,
      this.kinds,
    );
  }

  id(name) {
    return `graph-${name}-${this.number}`;
  }

  /** Show the chosen thing: what it is linked with here, and what can be done. */
  showChosen(node, edges, model, { expandable, hrefOf, loaded }) {
    const title = make("h2", { id: this.id("chosen") }, node ? make("bdi", {}, node.label) : "Nothing chosen");
    if (!node) {
      this.chosen.replaceChildren(title, make("p", { class: "muted small" }, "Choose a thing in the drawing or in the list."));
      return;
    }
    const kind = make("p", { class: "graph-kind" }, icon(node.kind, node.described === false), ` ${kindOf(node.kind).one}`);
    if (node.models) kind.append(make("span", { class: "muted" }, `, ${counted(node.models)} model${node.models === 1 ? "" : "s"} in the graph`));
    if (node.page === false) kind.append(make("span", { class: "muted" }, ", without a page on this site"));
    const href = hrefOf(node);
    const buttons = [
      href && make("a", { class: "button primary", href }, "Open its page"),
      expandable && !loaded && make("button", { type: "button", click: () => this.actions.expand(node.id) }, "Expand"),
      ...model.waiting(node.id).map((group) => make("button", { type: "button", click: () => this.actions.more(node.id, group.name) }, moreOf(group))),
      loaded && expandable && make("button", { type: "button", click: () => this.actions.fold(node.id) }, "Fold"),
    ].filter(Boolean);
    const rows = [...edges]
      .sort((a, b) => a.label.localeCompare(b.label, "en"))
      .slice(0, 60)
      .map((edge) => this.row(node, edge, model));
    const left = edges.length - rows.length;
    this.chosen.replaceChildren(
      title,
      kind,
      make("div", { class: "graph-actions" }, ...buttons),
      make("ul", { class: "graph-edges" }, ...rows, left > 0 && make("li", { class: "muted" }, `and ${counted(left)} more`)),
    );
  }

  row(node, edge, model) {
    const away = edge.source === node.id;
    const other = model.nodes.get(away ? edge.target : edge.source);
    const name = make("button", { type: "button", class: "linklike", click: () => this.actions.choose(other.id) }, make("bdi", {}, other.label));
    const word = (text) => make("span", { class: "muted" }, text);
    return away ? make("li", {}, word(`${edge.label} → `), name) : make("li", {}, name, word(` → ${edge.label} → this`));
  }

  /** Show the things as a list, by kind and name; those that are found when something is looked for. */
  showThings(nodes, chosen, found) {
    const order = [...nodes]
      .filter((node) => !found || found.has(node.id))
      .sort((a, b) => NAMES.indexOf(known(a.kind)) - NAMES.indexOf(known(b.kind)) || a.label.localeCompare(b.label, "en") || (a.id < b.id ? -1 : 1));
    this.count.textContent = found ? `Things (${counted(order.length)} of ${counted(nodes.length)})` : `Things (${counted(nodes.length)})`;
    const current = order.some((node) => node.id === chosen) ? chosen : order[0]?.id;
    this.list.replaceChildren(
      ...order.map((node) =>
        make(
          "li",
          { role: "option", id: this.option(node.id), "data-id": node.id, "aria-selected": String(node.id === chosen), tabindex: node.id === current ? "0" : "-1", click: () => this.actions.choose(node.id), dblclick: () => this.actions.expand(node.id) },
          icon(node.kind, node.described === false),
          make("span", { class: "hidden" }, `${kindOf(node.kind).one}: `),
          make("bdi", {}, node.label),
        ),
      ),
    );
  }

  option(id) {
    return `${this.id("thing")}-${id}`;
  }

  /** Mark the chosen thing in the list without making it anew. */
  mark(chosen) {
    for (const item of this.list.children) {
      const own = item.dataset.id === chosen;
      item.setAttribute("aria-selected", String(own));
      item.tabIndex = own ? 0 : -1;
      if (own) this.reveal(item);
    }
    if (this.list.firstElementChild && !this.list.querySelector('[tabindex="0"]')) this.list.firstElementChild.tabIndex = 0;
  }

  reveal(item) {
    const { offsetTop, offsetHeight } = item;
    if (offsetTop < this.list.scrollTop) this.list.scrollTop = offsetTop;
    else if (offsetTop + offsetHeight > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = offsetTop + offsetHeight - this.list.clientHeight;
  }

  key(event) {
    const items = [...this.list.children];
    const at = items.indexOf(event.target.closest("li"));
    const id = items[at]?.dataset.id;
    if (!id || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      const next = items[Math.max(0, Math.min(items.length - 1, to))];
      this.actions.choose(next.dataset.id);
      next.focus({ preventScroll: true });
    } else if (event.key === "Enter") this.actions.expand(id, true);
    else if (event.key === "o" || event.key === "O") this.actions.open(id);
    else return;
    event.preventDefault();
  }

  /** Put the focus where it was in the list after the list was made anew. */
  focus(id) {
    document.getElementById(this.option(id))?.focus({ preventScroll: true });
  }

  /** Show which relations and kinds there are, how many of each, and which are shown. */
  showFilters(model) {
    const { relations, kinds } = model.counts();
    const word = (relation) => model.words[relation] ?? [...model.edges.values()].find((edge) => edge.relation === relation)?.label ?? relation;
    const ofRelations = [...relations].map(([name, number]) => [name, word(name), number]).sort((a, b) => b[2] - a[2] || (a[1] < b[1] ? -1 : 1));
    const ofKinds = [...kinds].sort((a, b) => NAMES.indexOf(known(a[0])) - NAMES.indexOf(known(b[0])));
    this.relations.replaceChildren(
      make("legend", {}, "Relations"),
      ...ofRelations.map(([name, text, number]) => this.box("relation", name, !model.hiddenRelations.has(name), make("span", { class: `graph-line line-${name}` }), text, number)),
    );
    const hollow = [...model.nodes.values()].some((node) => node.kind === "model" && node.described === false);
    this.kinds.replaceChildren(
      make("legend", {}, "Kinds"),
      ...ofKinds.map(([name, number]) => this.box("kind", name, !model.hiddenKinds.has(name), icon(name), kindOf(name).many, number)),
      ...(hollow ? [make("p", { class: "muted small" }, icon("model", true), " a model that no report here describes")] : []),
    );
  }

  box(what, name, checked, picture, text, number) {
    const change = (event) => this.actions.filter(what, name, event.target.checked);
    return make("label", {}, make("input", { type: "checkbox", checked, value: name, name: what, change }), picture, ` ${text} `, make("span", { class: "muted" }, counted(number)));
  }
}

/** Return what a button says that loads more of a relation. */
export function moreOf(group) {
  return group.total === null || group.total === undefined ? `More ${group.label}` : `More ${group.label} (${counted(Math.max(0, group.total - group.shown))} left)`;
}

/** Return how many neighbours of a relation are not loaded, in words. */
export function leftOf(group) {
  return group.total === null || group.total === undefined ? "many more" : `${counted(Math.max(0, group.total - group.shown))} more`;
}
