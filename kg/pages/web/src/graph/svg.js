// The graph as it is seen -> a drawing of its own, which any program for vector graphics opens.

import { lineOf } from "./drawing.js";
import { known, round, shape } from "./kinds.js";
import { widest } from "./layout.js";

const SVG = "http://www.w3.org/2000/svg";
const DASHES = { dashed: "6 4", dotted: "2 3" };
const EDGE = 20;

/** Return the text of an SVG of nodes (`x`, `y`, `radius`, `font`, `label`, `kind`) and edges (`label`, `relation`, ends) in colours. */
export function drawing(title, nodes, edges, now) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const picture = document.createElementNS(SVG, "svg");
  const box = bounds(nodes);
  picture.setAttribute("xmlns", SVG);
  picture.setAttribute("viewBox", [box.x, box.y, box.width, box.height].map(round).join(" "));
  picture.setAttribute("width", round(box.width));
  picture.setAttribute("height", round(box.height));
  picture.setAttribute("font-family", now.font);
  picture.append(make("title", {}, title));
  picture.append(make("rect", { ...rounded(box), fill: now.surface }));
  for (const edge of edges) picture.append(...line(byId.get(edge.source), byId.get(edge.target), edge, now));
  for (const node of nodes) picture.append(...thing(node, now));
  return new XMLSerializer().serializeToString(picture);
}

function bounds(nodes) {
  const left = Math.min(0, ...nodes.map((node) => node.x - Math.max(node.radius, widest(node.font) / 2)));
  const right = Math.max(0, ...nodes.map((node) => node.x + Math.max(node.radius, widest(node.font) / 2)));
  const top = Math.min(0, ...nodes.map((node) => node.y - node.radius));
  const bottom = Math.max(0, ...nodes.map((node) => node.y + node.radius + node.font * 1.6));
  return { x: left - EDGE, y: top - EDGE, width: right - left + 2 * EDGE, height: bottom - top + 2 * EDGE };
}

function line(from, to, edge, now) {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [x, y] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const end = { x: to.x - x * (to.radius + 3), y: to.y - y * (to.radius + 3) };
  const start = { x: from.x + x * from.radius, y: from.y + y * from.radius };
  const width = edge.relation === "hasBackbone" ? 2.4 : 1.4;
  const stroke = make("line", {
    x1: round(start.x), y1: round(start.y), x2: round(end.x), y2: round(end.y), stroke: now.line, "stroke-width": width,
    ...(DASHES[lineOf(edge.relation)] ? { "stroke-dasharray": DASHES[lineOf(edge.relation)] } : {}),
  });
  const tip = [end.x, end.y, end.x - x * 8 - y * 3.5, end.y - y * 8 + x * 3.5, end.x - x * 8 + y * 3.5, end.y - y * 8 - x * 3.5];
  const parts = [stroke];
  if (edge.relation !== "more") parts.push(make("polygon", { points: tip.map(round).join(" "), fill: now.line }));
  if (edge.label) {
    const at = `translate(${round((start.x + end.x) / 2)} ${round((start.y + end.y) / 2)})`;
    const turn = (Math.atan2(y, x) * 180) / Math.PI;
    const upright = turn > 90 ? turn - 180 : turn < -90 ? turn + 180 : turn;
    const told = { transform: `${at} rotate(${round(upright)})`, y: -3, "font-size": 9.5, fill: now.muted, "text-anchor": "middle" };
    parts.push(make("text", told, edge.label));
  }
  return parts;
}

function thing(node, now) {
  const colour = node.more ? now.muted : now.kinds[known(node.kind)];
  const own = shape(node.more ? "model" : node.kind, node.x, node.y, node.radius);
  own.setAttribute("fill", node.more || node.hollow ? now.surface : colour);
  own.setAttribute("stroke", node.start ? now.text : colour);
  own.setAttribute("stroke-width", node.start ? 4 : 2);
  if (node.more) own.setAttribute("stroke-dasharray", "3 3");
  own.append(make("title", {}, node.label));
  const letters = Math.floor(widest(node.font) / (node.font * 0.55));
  const characters = [...node.label];
  const label = characters.length > letters ? `${characters.slice(0, letters - 1).join("")}…` : node.label;
  const told = {
    x: round(node.x), y: round(node.y + node.radius + node.font + 2), "text-anchor": "middle", "font-size": node.font,
    fill: node.more ? now.muted : now.text, stroke: now.surface, "stroke-width": 3, "paint-order": "stroke",
    ...(node.font > 12 ? { "font-weight": 600 } : {}),
  };
  return [own, make("text", told, label)];
}

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function rounded(box) {
  return Object.fromEntries(Object.entries(box).map(([key, value]) => [key, round(value)]));
}
