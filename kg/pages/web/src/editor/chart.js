// Columns of an answer as bars, a line or points: an SVG drawing with its axes.

import { numberOf, textOf } from "./answers.js";
import { choice, draw, make } from "./dom.js";
import { shortened } from "./sparql.js";

const MOST = { bars: 60, line: 2000, points: 5000 };
const SIZE = { width: 900, height: 420, left: 90, right: 20, top: 16, bottom: 120 };
const KINDS = [["bars", "Bars"], ["line", "Line"], ["points", "Points"]];
const NUMBER = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

/** Return the columns that hold numbers in most rows that hold anything. */
export function numeric({ names, rows }) {
  const looked = rows.slice(0, 1000);
  return names.map((_, column) => column).filter((column) => {
    const filled = looked.filter((row) => row[column] && textOf(row[column]));
    return filled.length > 0 && filled.filter((row) => !Number.isNaN(numberOf(row[column]))).length * 2 > filled.length;
  });
}

/** Show choices and the drawing in an element. */
export function showChart(place, answer, settings) {
  const columns = numeric(answer);
  if (!columns.length) {
    place.replaceChildren(make("p", {}, "A chart needs a column of numbers, and this answer has none."));
    return;
  }
  const named = answer.names.map((name, column) => [String(column), name]);
  const y = columns.at(-1);
  const text = answer.names.findIndex((_, column) => !columns.includes(column) && /name|label|title/i.test(answer.names[column]));
  const other = text >= 0 ? text : answer.names.findIndex((_, column) => column !== y);
  const state = { kind: columns.length > 1 && columns.includes(other) ? "points" : "bars", x: String(Math.max(other, 0)), y: String(y) };
  const figure = make("figure", { class: "chart" });
  const change = (key) => (value) => {
    state[key] = value;
    show();
  };
  const values = named.filter(([column]) => columns.includes(Number(column)));
  const bar = make(
    "div",
    { class: "choices" },
    ...[choice("Draw", KINDS, state.kind, change("kind")), choice("across", named, state.x, change("x"))],
    choice("up", values, state.y, change("y")),
  );
  function show() {
    const { points, left } = read(answer, Number(state.x), Number(state.y), state.kind, settings);
    const title = `${answer.names[state.y]} by ${answer.names[state.x]}`;
    const note = left ? `The first ${points.length.toLocaleString("en")} rows with a number are drawn, ${left.toLocaleString("en")} are not.` : "";
    figure.replaceChildren(drawn(points, state.kind, title), make("figcaption", {}, [title, note].filter(Boolean).join(". ")));
  }
  show();
  place.replaceChildren(bar, figure);
}

function read({ rows }, x, y, kind, settings) {
  const all = rows.filter((row) => Number.isFinite(numberOf(row[y])));
  const points = all.slice(0, MOST[kind]).map((row) => {
    const text = textOf(row[x]);
    return { label: row[x]?.type === "uri" ? shortened(text, settings).replace(/^[a-z]+\//, "") : text, x: numberOf(row[x]), y: numberOf(row[y]) };
  });
  return { points, left: all.length - points.length };
}

function drawn(points, kind, title) {
  const { width, height, left, right, top, bottom } = SIZE;
  const numbers = kind !== "bars" && points.every(({ x }) => !Number.isNaN(x));
  const low = Math.min(...(kind === "bars" ? [0] : []), ...points.map(({ y }) => y));
  const high = Math.max(...(kind === "bars" ? [0] : []), ...points.map(({ y }) => y));
  const up = scale(low, high, height - bottom, top);
  const step = (width - left - right) / Math.max(points.length, 1);
  const across = numbers
    ? scale(Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x)), left + 10, width - right - 10)
    : { at: (index) => left + step * (index + 0.5), ticks: [] };
  const places = points.map((point, index) => ({ ...point, left: across.at(numbers ? point.x : index), top: up.at(point.y) }));
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  for (const tick of up.ticks) {
    const y = up.at(tick);
    svg.append(draw("line", { x1: left, x2: width - right, y1: y, y2: y, class: "grid" }));
    svg.append(draw("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, NUMBER.format(tick)));
  }
  svg.append(...marks(places, kind, step, up.at(Math.max(low, 0))));
  svg.append(...(numbers ? across.ticks.map((tick) => below(across.at(tick), plain(tick))) : named(places, step)));
  return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Chart" }, svg);
}

function marks(places, kind, step, zero) {
  const order = [...places].sort((one, other) => one.left - other.left);
  const path = order.map(({ left, top }, at) => `${at ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`).join("");
  const title = ({ label, y }) => draw("title", {}, `${label}: ${y.toLocaleString("en")}`);
  if (kind === "bars") {
    const wide = Math.max(Math.min(step * 0.75, 60), 1);
    return places.map((place) => {
      const [y, tall] = [Math.min(place.top, zero), Math.max(Math.abs(place.top - zero), 0.5)];
      return draw("rect", { x: place.left - wide / 2, y, width: wide, height: tall, class: "bar" }, title(place));
    });
  }
  const line = kind === "line" ? [draw("path", { d: path, class: "line" })] : [];
  return [...line, ...places.map((place) => draw("circle", { cx: place.left, cy: place.top, r: 3.5, class: "point" }, title(place)))];
}

/** Write labels below, slanted, and as many as there is room for. */
function named(places, step) {
  const every = Math.max(1, Math.ceil(16 / step));
  return places.filter((_, at) => at % every === 0).map(({ left, label }) => below(left, short(label), true));
}

function below(x, text, slanted = false) {
  const y = SIZE.height - SIZE.bottom + 16;
  const turn = slanted ? { transform: `rotate(-40 ${x} ${y})`, "text-anchor": "end" } : { "text-anchor": "middle" };
  return draw("text", { x, y, ...turn }, text);
}

function short(text) {
  return [...text].length > 22 ? `${[...text].slice(0, 21).join("")}…` : text;
}

function plain(tick) {
  return Number.isInteger(tick) && Math.abs(tick) < 10000 ? String(tick) : NUMBER.format(tick);
}

/** Map numbers to places, with round numbers to write at the axis. */
function scale(low, high, from, to) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const [first, last] = [Math.floor(low / step) * step, Math.max(Math.ceil(high / step), Math.floor(low / step) + 1) * step];
  const ticks = [];
  for (let at = 0; first + at * step <= last + step / 2; at += 1) ticks.push(Number((first + at * step).toPrecision(12)));
  return { ticks, at: (value) => from + ((value - first) / (last - first)) * (to - from) };
}
