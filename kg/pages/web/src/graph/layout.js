// Where things stand: forces that pull along edges and push apart what would cover each other's names. Nothing is left to
// chance, so the same graph, grown in the same steps, looks the same every time.

import { forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";

const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const LETTER = 0.55; // width of a letter of a name, about, in heights of one

/** Return the greatest width of a name of a size. */
export function widest(font) {
  return 70 + 5 * font;
}

/** Return half the width and height that a thing needs with its name below it. */
function room({ radius, font, label }) {
  const width = Math.min(widest(font), label.length * LETTER * font);
  return { x: Math.max(radius + 3, width / 2 + 5), y: radius + font * 0.65 + 4 };
}

/**
 * Give places `x` and `y` to nodes (`id`, `label`, `radius`, `font`, `x` and `y` where they stand already) with edges (`source`,
 * `target`). What is new begins beside a neighbour that has a place. `wide` is the width of the canvas in its heights.
 */
export function place(nodes, edges, wide = 1.5) {
  const middle = { x: 0, y: 0 };
  const old = nodes.filter((node) => node.x !== undefined).length;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const degree = new Map();
  for (const { source, target } of edges) {
    degree.set(source, (degree.get(source) ?? 0) + 1);
    degree.set(target, (degree.get(target) ?? 0) + 1);
  }
  begin(nodes, edges, byId, middle);
  const links = edges.filter(({ source, target }) => source !== target).map(({ source, target }) => ({ source, target }));
  const least = (link) => Math.min(degree.get(link.source.id), degree.get(link.target.id));
  const most = (link) => Math.max(degree.get(link.source.id), degree.get(link.target.id));
  const simulation = forceSimulation(nodes)
    .force("link", forceLink(links).id((node) => node.id).distance((link) => 70 + 7 * Math.sqrt(most(link)) + 14 * (least(link) - 1) ** 0.5).strength((link) => 1 / least(link)))
    .force("charge", forceManyBody().strength((node) => -220 - 12 * Math.min(60, degree.get(node.id) ?? 0)).distanceMax(900))
    .force("x", forceX(middle.x).strength(0.045 / Math.min(2, Math.max(0.5, wide))))
    .force("y", forceY(middle.y).strength(0.045 * Math.min(2, Math.max(0.5, wide))))
    .force("names", apart())
    .alpha(old ? 0.5 : 1)
    .alphaDecay(1 - 0.001 ** (1 / 240))
    .stop();
  simulation.tick(240);
  for (let round = 0; round < 60 && separate(nodes, 1); round += 1);
  for (const node of nodes) {
    node.x = Math.round(node.x * 10) / 10;
    node.y = Math.round(node.y * 10) / 10;
  }
}

/** Put what has no place beside a neighbour, in a spiral around it. */
function begin(nodes, edges, byId, middle) {
  const near = new Map();
  for (const { source, target } of edges) {
    near.set(source, [...(near.get(source) ?? []), target]);
    near.set(target, [...(near.get(target) ?? []), source]);
  }
  const around = new Map();
  const waiting = nodes.filter((node) => node.x !== undefined);
  if (!waiting.length && nodes.length) waiting.push(nodes.reduce((best, node) => ((near.get(node.id)?.length ?? 0) > (near.get(best.id)?.length ?? 0) ? node : best)));
  let apartBy = 0;
  for (let at = 0; ; at += 1) {
    if (at === waiting.length) {
      const lost = nodes.find((node) => node.x === undefined);
      if (!lost) return;
      lost.x = middle.x + 300 * apartBy * Math.cos(GOLDEN * apartBy);
      lost.y = middle.y + 200 * apartBy * Math.sin(GOLDEN * apartBy);
      apartBy += 1;
      waiting.push(lost);
    }
    const here = waiting[at];
    if (here.x === undefined) Object.assign(here, middle);
    for (const id of near.get(here.id) ?? []) {
      const other = byId.get(id);
      if (!other || other.x !== undefined || waiting.includes(other)) continue;
      const number = (around.get(here.id) ?? 0) + 1;
      around.set(here.id, number);
      const away = Math.atan2(here.y - middle.y, here.x - middle.x || 1e-6) + GOLDEN * number;
      other.x = here.x + 28 * Math.sqrt(number) * Math.cos(away) * 1.6;
      other.y = here.y + 28 * Math.sqrt(number) * Math.sin(away);
      waiting.push(other);
    }
  }
}

/** A force that moves things apart whose names would cover each other. */
function apart() {
  let all = [];
  const force = (alpha) => separate(all, Math.min(1, 0.25 + alpha / 2));
  force.initialize = (nodes) => {
    all = nodes;
  };
  return force;
}

/** Move things apart along the shorter way; say whether any two were too near. */
function separate(nodes, strength) {
  const boxes = nodes.map(room);
  const order = nodes.map((_, at) => at).sort((a, b) => nodes[a].x - boxes[a].x - (nodes[b].x - boxes[b].x) || a - b);
  let moved = false;
  for (let first = 0; first < order.length; first += 1) {
    const a = nodes[order[first]];
    const own = boxes[order[first]];
    for (let second = first + 1; second < order.length; second += 1) {
      const b = nodes[order[second]];
      const other = boxes[order[second]];
      if (b.x - other.x > a.x + own.x) {
        if (b.x - other.x > a.x + own.x + 40) break;
        continue;
      }
      const x = own.x + other.x - Math.abs(b.x - a.x);
      const y = own.y + other.y - Math.abs(b.y - a.y);
      if (x <= 0 || y <= 0) continue;
      moved = true;
      if (y <= x) push(a, b, "y", (y * strength) / 2);
      else push(a, b, "x", (x * strength) / 2);
    }
  }
  return moved;
}

function push(a, b, axis, by) {
  const way = b[axis] > a[axis] || (b[axis] === a[axis] && b.id > a.id) ? 1 : -1;
  a[axis] -= way * by;
  b[axis] += way * by;
}
