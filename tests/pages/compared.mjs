// Reads columns from the standard input and writes the rows and the shared things that kg/pages/static/compare.js makes of them.
import { folderOf, rowsOf, sharedOf } from "../../kg/pages/static/compare.js";

let text = "";
for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk;
const { columns, slugs } = JSON.parse(text);
const shared = Object.fromEntries(["backbones", "datasets"].map((kind) => [kind, sharedOf(columns, kind)]));
process.stdout.write(JSON.stringify({ rows: rowsOf(columns), shared, folders: slugs.map(folderOf) }));
