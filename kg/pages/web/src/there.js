// Which things a published site has pages of, and where: read from sorted lists, of which only those are loaded that are needed.

/** What is known of the pages of a published site; `get` loads a file of the lists by its name and gives what is in it. */
export class There {
  constructor(get) {
    this.get = get;
    this.parts = new Map();
    this.folders = new Map();
  }

  /** Load what is known of some paths; afterwards `folder` answers for them. What cannot be loaded is not there. */
  async load(paths) {
    this.firsts ??= this.get("index.json").catch(() => []);
    const firsts = await this.firsts;
    const wanted = new Set(paths.map((path) => partOf(firsts, path)).filter((part) => part >= 0));
    await Promise.all([...wanted].map((part) => this.part(part)));
  }

  part(number) {
    if (!this.parts.has(number)) {
      const taken = (found) => Object.entries(found).forEach(([path, folder]) => this.folders.set(path, folder || path));
      this.parts.set(number, this.get(`${number}.json`).then(taken, () => {}));
    }
    return this.parts.get(number);
  }

  /** Return the folder of the page at a path, undefined where none is known. */
  folder(path) {
    return this.folders.get(path);
  }
}

/** Return what reads the lists of the site whose root an address leads to. */
export function thereOf(root) {
  return new There(async (name) => {
    const reply = await fetch(`${root}data/pages/${name}`);
    if (!reply.ok) throw new Error(`${name}: ${reply.status}`);
    return reply.json();
  });
}

/** Return the last of the parts, sorted by their first paths, that begins at or before a path; -1 before all. */
function partOf(firsts, path) {
  let [low, high] = [0, firsts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (firsts[middle] <= path) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
