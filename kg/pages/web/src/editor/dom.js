// Elements made without HTML, so that text stays text.

/** Make an element with attributes (functions listen to events) and children. */
export function make(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Make an element of SVG. */
export function draw(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Make a labelled choice between names; `chosen` is called with the one that is taken. */
export function choice(label, options, current, chosen) {
  const select = make("select", { change: () => chosen(select.value) });
  for (const [value, text] of options) select.append(make("option", { value, selected: value === current }, text));
  return make("label", { class: "choice" }, `${label} `, select);
}
