import { EditorView } from "@codemirror/view";
const w = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
console.log(EditorView, w);
const graph = import.meta.glob("../graph/main.js");
for (const load of Object.values(graph)) load();
