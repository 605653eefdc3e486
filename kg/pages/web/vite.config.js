// src/<name>/main.js -> ../built/<name>-<hash>.js; ../built/manifest.json names the files that pages load: {"<name>.js": file}.
// The licences of all that is bundled stand in ../built/licenses.txt.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const entries = Object.fromEntries(
  readdirSync(source)
    .sort()
    .map((name) => [name, join(source, name, "main.js")])
    .filter(([, file]) => existsSync(file)),
);
const bundled = new Map(); // folder of a package -> what its package.json says

/** Note the packages that modules come from: the worker is bundled by itself, before the rest. */
function noting() {
  return {
    name: "noting",
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        for (const module of output.moduleIds ?? Object.keys(output.modules ?? {})) {
          const folder = packageOf(module.split("?")[0].replace(/^\0/, ""));
          if (folder) bundled.set(folder, JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
        }
      }
    },
  };
}

function packageOf(file) {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
  return folder;
}

/** Write the list of entries and the licences. */
function listing() {
  return {
    name: "listing",
    enforce: "post",
    generateBundle(_, bundle) {
      const entry = Object.values(bundle).filter((output) => output.type === "chunk" && output.isEntry);
      const names = Object.fromEntries(entry.map((chunk) => [`${chunk.name}.js`, chunk.fileName]).sort());
      this.emitFile({ type: "asset", fileName: "manifest.json", source: `${JSON.stringify(names, null, 2)}\n` });
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: licences() });
    },
  };
}

function licences() {
  const parts = [...bundled].map(([folder, { name, version, license }]) => {
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
    const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
    return `${name} ${version} (${license})\n\n${texts.join("\n\n") || textOf(name, license)}\n`;
  });
  return parts.sort().join(`\n${"-".repeat(79)}\n\n`);
}

/** Return the text of the licence of a package that comes without one: kg's own is the Apache License. */
function textOf(name, license) {
  if (!/Apache-2\.0/.test(license)) throw new Error(`the package ${name} comes without the text of its licence`);
  return readFileSync(join(here, "..", "..", "..", "LICENSE"), "utf8").trim();
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: false,
  plugins: [noting(), listing()],
  worker: {
    format: "es",
    plugins: () => [noting()],
    rollupOptions: { checks: { pluginTimings: false }, output: { entryFileNames: "worker-[hash].js", assetFileNames: "[name]-[hash][extname]" } },
  },
  build: {
    outDir: join(here, "..", "built"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1024,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      input: entries,
      preserveEntrySignatures: "allow-extension",
      checks: { pluginTimings: false },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "part-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
