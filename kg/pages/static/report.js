// A report: what stands in the text and what is listed of it light each other up, and clicking one shows the other where it is.

const text = document.querySelector(".text");
const list = document.querySelector(".claims");

/** The entries that a mark is about, and all pieces of the marks that an entry is about. */
function entriesOf(mark) {
  return (mark.dataset.entries || "").split(" ").map((id) => document.getElementById(id)).filter(Boolean);
}
function marksOf(entry) {
  return [...text.querySelectorAll(`mark[data-entries~="${CSS.escape(entry.id)}"]`)];
}
function piecesOf(mark) {
  const id = CSS.escape(mark.id || mark.dataset.of);
  return [...text.querySelectorAll(`#${id}, mark[data-of="${id}"]`)];
}

function light(place, on) {
  const mark = place.closest?.("mark[data-entries]");
  const entry = place.closest?.(".claims li, .findings > li");
  const others = mark && text.contains(mark) ? [...piecesOf(mark), ...entriesOf(mark)] : entry ? [entry, ...marksOf(entry)] : [];
  for (const other of others) other.classList.toggle("lit", on);
}

/** Show what is chosen and nothing else so; scroll only what has to be. */
function choose(elements) {
  for (const other of document.querySelectorAll(".chosen")) other.classList.remove("chosen");
  for (const other of elements) other.classList.add("chosen");
}

function besideEachOther() {
  return getComputedStyle(list).position === "sticky";
}

function onClick(event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("mark a[href^='#claim-']");
  if (!link || !besideEachOther()) return;
  const entry = document.getElementById(link.hash.slice(1));
  if (!entry) return;
  event.preventDefault();
  const mark = link.closest("mark");
  choose([entry, ...piecesOf(mark)]);
  list.scrollTo({ top: entry.offsetTop - list.offsetTop - list.clientHeight / 3 });
  history.replaceState(null, "", `#${mark.id || mark.dataset.of}`);
  entry.querySelector("a").focus({ preventScroll: true });
}

/** Words that are named by the address are one element without script; with it, all of its pieces are shown. */
function onTarget() {
  const target = document.querySelector(":target");
  if (!target?.matches("mark[data-entries]")) return choose([]);
  const [first] = entriesOf(target);
  choose([...piecesOf(target), ...(first ? [first] : [])]);
  if (first && besideEachOther() && list.contains(first)) list.scrollTo({ top: first.offsetTop - list.offsetTop - list.clientHeight / 3 });
}

if (text && list) {
  for (const place of [text, list, document.querySelector("ul.findings")].filter(Boolean)) {
    for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
      place.addEventListener(name, (event) => light(event.target, on));
    }
  }
  text.addEventListener("click", onClick);
  addEventListener("hashchange", onTarget);
  onTarget();
}
