// What is in the graph that is drawn: things, edges, and what of them the reader wants to see.

/** Return what identifies an edge. */
export function keyOf({ source, relation, target }) {
  return `${source}\n${relation}\n${target}`;
}

/** A graph that grows: `nodes` by id, `edges` by what identifies them, `groups` of each thing whose neighbours were loaded. */
export class Model {
  constructor(words = {}) {
    this.words = words;
    this.clear();
  }

  clear() {
    this.nodes = new Map();
    this.edges = new Map();
    this.groups = new Map();
    this.hiddenRelations = new Set();
    this.hiddenKinds = new Set();
  }

  /** Add nodes and edges; what is known already stays, and what is told of an edge twice is told of it once. */
  add(nodes, edges) {
    for (const node of nodes) if (!this.nodes.has(node.id)) this.nodes.set(node.id, { ...node, label: node.label || node.id });
    for (const edge of edges) {
      if (!this.nodes.has(edge.source) || !this.nodes.has(edge.target)) continue;
      const key = keyOf(edge);
      const old = this.edges.get(key);
      const stages = [...new Set([...(old?.stages ?? []), ...(edge.stages ?? [])])].sort();
      const roles = [...new Set([...(old?.roles ?? []), ...(edge.roles ?? [])])].sort();
      this.edges.set(key, { ...old, ...edge, key, stages, roles, label: this.labelOf({ ...edge, stages, roles }) });
    }
  }

  /** Add a page of a thing's neighbours, of one of its relations (`only`) or of all. */
  addLinks({ thing, nodes, edges, groups }, only) {
    const known = this.groups.get(thing.id) ?? new Map();
    const added = groups.filter((group) => !only || group.name === only);
    const wanted = edges.filter((edge) => added.some(({ relation, inverse }) => edge.relation === relation && (inverse ? edge.target : edge.source) === thing.id));
    const ends = new Set(wanted.flatMap((edge) => [edge.source, edge.target]));
    this.add([thing, ...nodes.filter((node) => ends.has(node.id))], wanted);
    for (const group of added) {
      const shown = wanted.filter((edge) => edge.relation === group.relation && (group.inverse ? edge.target : edge.source) === thing.id).length;
      known.set(group.name, { ...group, shown: (known.get(group.name)?.shown ?? 0) + shown });
    }
    if (only && !added.length && known.has(only)) known.set(only, { ...known.get(only), next: null });
    this.groups.set(thing.id, known);
  }

  /** Take away what hangs on a thing alone, and forget that its neighbours were loaded. */
  fold(id, start) {
    this.groups.delete(id);
    const near = this.degrees();
    for (const [other, number] of near) {
      const own = [...this.edges.values()].filter((edge) => edge.source === other || edge.target === other);
      const alone = own.every((edge) => edge.source === id || edge.target === id);
      if (number && alone && other !== id && other !== start && !this.groups.has(other)) this.remove(other);
    }
  }

  remove(id) {
    this.nodes.delete(id);
    for (const [key, edge] of this.edges) if (edge.source === id || edge.target === id) this.edges.delete(key);
  }

  labelOf({ relation, label, stages, roles }) {
    const word = roles?.length ? roles.join(", ") : label || this.words[relation] || relation;
    return stages?.length ? `${word} (${stages.join(", ")})` : word;
  }

  degrees() {
    const found = new Map([...this.nodes.keys()].map((id) => [id, 0]));
    for (const { source, target } of this.edges.values()) {
      found.set(source, found.get(source) + 1);
      found.set(target, found.get(target) + 1);
    }
    return found;
  }

  /** Return what is left to load of a thing: groups with a next page. */
  waiting(id) {
    return [...(this.groups.get(id)?.values() ?? [])].filter((group) => group.next);
  }

  /** Return which things and edges are seen: an edge of a relation that is shown between kinds that are, a thing that has one. */
  seen(start) {
    const kind = (id) => !this.hiddenKinds.has(this.nodes.get(id).kind);
    const edges = [...this.edges.values()].filter((edge) => !this.hiddenRelations.has(edge.relation) && kind(edge.source) && kind(edge.target));
    const ends = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
    const linked = new Set([...this.edges.values()].flatMap((edge) => [edge.source, edge.target]));
    const nodes = [...this.nodes.values()].filter((node) => node.id === start || (kind(node.id) && (ends.has(node.id) || !linked.has(node.id))));
    return { nodes, edges };
  }

  /** Return how many edges each relation has, and how many things each kind. */
  counts() {
    const relations = new Map();
    const kinds = new Map();
    for (const { relation } of this.edges.values()) relations.set(relation, (relations.get(relation) ?? 0) + 1);
    for (const { kind } of this.nodes.values()) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    return { relations, kinds };
  }
}
