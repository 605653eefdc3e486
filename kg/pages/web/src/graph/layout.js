// Where things stand: forces that pull along edges and push apart what would cover each other's names. Nothing is left to
// chance, so the same graph, grown in the same steps, looks the same every time.

import { forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";

const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const LATE = 0.3; // how much a simulation still moves when names begin to count
const MANY = 120; // things
const ROOMY = 60; // edges
const LETTER = 0.61; // width of a letter of a name, about, in heights of one

/** Return the greatest width of a name of a size. */
export function widest(font) {
  return 80 + 8 * font;
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
  const many = nodes.length > MANY; // they need room, few hold together
  const pull = many ? 3.6 / nodes.length : 0.06;
  const long = links.length <= ROOMY ? 140 : 80; // where there is room, edges are as long as their names
  const simulation = forceSimulation(nodes)
    .force("link", forceLink(links).id((node) => node.id).distance((link) => long + 7 * Math.sqrt(most(link)) + 14 * (least(link) - 1) ** 0.5).strength((link) => 1 / least(link)))
    .force("charge", forceManyBody().strength((node) => (many ? -220 : -190) - 12 * Math.min(60, degree.get(node.id) ?? 0)).distanceMax(many ? 900 : 600))
    .force("x", forceX(middle.x).strength(pull / Math.min(2, Math.max(0.5, wide))))
    .force("y", forceY(middle.y).strength(pull * Math.min(2, Math.max(0.5, wide))))
    .force("names", apart())
    .alpha(old ? 0.5 : 1)
    .alphaDecay(1 - 0.001 ** (1 / 240))
    .stop();
  simulation.tick(240);
  if (!old) turn(nodes, wide);
  const boxes = nodes.map(room);
  for (let round = 0; round < 200 && separate(nodes, boxes, 1.05); round += 1);
  for (const node of nodes) {
    node.x = Math.round(node.x * 10) / 10;
    node.y = Math.round(node.y * 10) / 10;
  }
}

/** Turn all so that the longer way lies along the longer side of the canvas. */
function turn(nodes, wide) {
  let [xx, xy, yy] = [0, 0, 0];
  for (const { x, y } of nodes) {
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2 - (wide < 1 ? Math.PI / 2 : 0);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  for (const node of nodes) [node.x, node.y] = [node.x * cosine + node.y * sine, node.y * cosine - node.x * sine];
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

/** A force that moves things apart whose names would cover each other, once they have found their places roughly. */
function apart() {
  let [all, boxes] = [[], []];
  const force = (alpha) => {
    if (alpha < LATE) separate(all, boxes, 0.5);
  };
  force.initialize = (nodes) => {
    all = nodes;
    boxes = nodes.map(room);
  };
  return force;
}

/** Move things apart along the way that is shorter for their size; say whether any two were too near. */
function separate(nodes, boxes, strength) {
  const left = nodes.map((node, at) => node.x - boxes[at].x);
  const order = nodes.map((_, at) => at).sort((a, b) => left[a] - left[b] || a - b);
  let moved = false;
  for (let first = 0; first < order.length; first += 1) {
    const a = nodes[order[first]];
    const own = boxes[order[first]];
    for (let second = first + 1; second < order.length && left[order[second]] < left[order[first]] + 2 * own.x; second += 1) {
      const b = nodes[order[second]];
      const other = boxes[order[second]];
      const x = own.x + other.x - Math.abs(b.x - a.x);
      const y = own.y + other.y - Math.abs(b.y - a.y);
      if (x <= 0 || y <= 0) continue;
      moved = true;
      if (y / (own.y + other.y) <= x / (own.x + other.x)) push(a, b, "y", (y * strength) / 2);
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
