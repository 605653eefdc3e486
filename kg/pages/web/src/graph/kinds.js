// Kinds of things: their word, their shape (points in a square of -1 to 1, none for a circle), and the variable of their colour.

const KINDS = {
  model: { one: "model", many: "models", points: null },
  dataset: { one: "dataset", many: "datasets", points: [-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9] },
  accelerator: { one: "accelerator", many: "accelerators", points: [-1, 0, -0.5, -0.87, 0.5, -0.87, 1, 0, 0.5, 0.87, -0.5, 0.87] },
  software: { one: "software", many: "software", points: [0, -1, 1, 0, 0, 1, -1, 0] },
  organization: { one: "organization", many: "organizations", points: [0, -1, 0.95, -0.31, 0.59, 0.81, -0.59, 0.81, -0.95, -0.31] },
  country: { one: "country", many: "countries", points: [0, -0.95, 1, 0.8, -1, 0.8] },
  report: { one: "report", many: "reports", points: [-0.75, -1, 0.25, -1, 0.75, -0.5, 0.75, 1, -0.75, 1] },
  other: { one: "other", many: "others", points: [-1, -0.6, 1, -0.6, 1, 0.6, -1, 0.6] },
};

export const NAMES = Object.keys(KINDS);

/** Return what is known of a kind; of one that is not known, that of others. */
export function kindOf(name) {
  return KINDS[name] ?? KINDS.other;
}

/** Return the name under which a kind has its shape and colour. */
export function known(name) {
  return name in KINDS ? name : "other";
}

/** Return the shape of a kind as an SVG element of a size around a middle. */
export function shape(name, x, y, radius) {
  const { points } = kindOf(name);
  const element = document.createElementNS("http://www.w3.org/2000/svg", points ? "polygon" : "circle");
  if (points) {
    const pairs = [];
    for (let at = 0; at < points.length; at += 2) pairs.push(`${round(x + points[at] * radius)},${round(y + points[at + 1] * radius)}`);
    element.setAttribute("points", pairs.join(" "));
  } else {
    element.setAttribute("cx", round(x));
    element.setAttribute("cy", round(y));
    element.setAttribute("r", round(radius));
  }
  return element;
}

/** Return a small picture of a kind, as the legend shows it; hollow for a model that no report describes. */
export function icon(name, hollow = false) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "-9 -9 18 18");
  picture.setAttribute("class", `kind-icon kind-${known(name)}${hollow ? " hollow" : ""}`);
  picture.setAttribute("aria-hidden", "true");
  picture.append(shape(name, 0, 0, 7.5));
  return picture;
}

export function round(number) {
  return Math.round(number * 10) / 10;
}
