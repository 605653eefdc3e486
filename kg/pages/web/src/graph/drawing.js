// How things and edges look on the canvas: colours are the page's own variables, read again when they change.

import { NAMES, kindOf } from "./kinds.js";
import { widest } from "./layout.js";

const LINES = { trainedOn: "solid", hasBackbone: "solid", evaluationDataset: "dashed", component: "solid", more: "dashed" };

/** Return the page's colours as they are now. */
export function colours() {
  const styles = getComputedStyle(document.documentElement);
  const read = (name) => styles.getPropertyValue(name).trim();
  return {
    text: read("--text"),
    muted: read("--muted"),
    line: read("--edge-line") || read("--muted"),
    surface: read("--surface"),
    accent: read("--accent"),
    font: getComputedStyle(document.body).fontFamily,
    kinds: Object.fromEntries(NAMES.map((name) => [name, read(`--kind-${name}`) || read("--muted")])),
  };
}

/** Return how far from its middle a thing reaches: the more models use it, the farther. */
export function radiusOf(node, degree) {
  const size = Math.max(node.models ?? 0, degree);
  return node.more ? 9 : Math.min(30, 9 + 4 * Math.log10(size + 1) + (degree > 8 ? 2 : 0));
}

/** Return the size of a thing's name: those that much hangs on are read from afar, where there are many things from farther. */
export function fontOf(node, degree, many) {
  if (node.more) return 11;
  if (degree >= 60) return many ? 44 : 30;
  if (degree >= 20) return many ? 30 : 22;
  return degree > 8 ? 16 : 12;
}

/** Return the line of a relation: `solid`, `dashed` or `dotted`. */
export function lineOf(relation) {
  return LINES[relation] ?? "dotted";
}

/** Return cytoscape's style. */
export function style(now) {
  const shapes = NAMES.map((name) => {
    const { points } = kindOf(name);
    const own = points ? { shape: "polygon", "shape-polygon-points": points.join(" ") } : { shape: "ellipse" };
    return { selector: `node.kind-${name}`, style: { ...own, "background-color": now.kinds[name], "border-color": now.kinds[name] } };
  });
  return [
    {
      selector: "node",
      style: {
        width: (node) => node.data("radius") * 2,
        height: (node) => node.data("radius") * 2,
        label: "data(label)",
        color: now.text,
        "font-family": now.font,
        "font-size": "data(font)",
        "font-weight": (node) => (node.data("font") > 12 ? 600 : 400),
        "min-zoomed-font-size": (node) => (node.data("font") > 20 ? 7 : 11),
        "text-valign": "bottom",
        "text-margin-y": 3,
        "text-wrap": "ellipsis",
        "text-max-width": (node) => widest(node.data("font")),
        "text-background-color": now.surface,
        "text-background-opacity": 0.85,
        "text-background-padding": 1,
        "border-width": 2,
        "overlay-opacity": 0,
        "transition-property": "opacity",
        "transition-duration": 120,
      },
    },
    ...shapes,
    { selector: "node.known", style: { "background-color": now.surface } },
    {
      selector: "node.more",
      style: { shape: "ellipse", "background-color": now.surface, "border-style": "dashed", "border-color": now.muted, color: now.muted, "font-style": "italic" },
    },
    { selector: "node.start", style: { "border-width": 4, "border-color": now.text } },
    {
      selector: "edge",
      style: {
        width: 1.4,
        "line-color": now.line,
        "target-arrow-color": now.line,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.8,
        "curve-style": "bezier",
        "line-style": (edge) => lineOf(edge.data("relation")),
        "font-family": now.font,
        "font-size": 9.5,
        color: now.muted,
        "text-wrap": "wrap",
        "text-rotation": "autorotate",
        "text-background-color": now.surface,
        "text-background-opacity": 0.85,
        "text-background-padding": 1,
        "overlay-opacity": 0,
      },
    },
    { selector: "edge.named, edge.close", style: { label: "data(label)" } },
    { selector: "edge[relation = 'hasBackbone']", style: { width: 2.4 } },
    { selector: "edge.many", style: { "curve-style": "straight", opacity: 0.55, width: 1, "arrow-scale": 0.6 } },
    { selector: "edge.more", style: { "target-arrow-shape": "none" } },
    { selector: ".gone", style: { display: "none" } },
    { selector: ".far", style: { opacity: 0.3 } },
    { selector: "edge.near", style: { label: "data(label)", opacity: 1, "line-color": now.accent, "target-arrow-color": now.accent, color: now.text, width: 2.4, "z-index": 5 } },
    { selector: "node.near", style: { "min-zoomed-font-size": 4, "z-index": 5 } },
    { selector: "node.chosen", style: { ...halo(now), "border-color": now.text, "border-width": 4, "border-style": "solid", "z-index": 9, "font-weight": 600 } },
    { selector: "node.found", style: { ...halo(now), opacity: 1, "z-index": 8 } },
  ];
}

/** Return the ring around what is chosen or found, whose name is read however small. */
function halo(now) {
  return { "underlay-color": now.accent, "underlay-opacity": 0.4, "underlay-padding": 9, "underlay-shape": "ellipse", "min-zoomed-font-size": 0 };
}
