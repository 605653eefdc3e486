import init, * as oxigraph from "oxigraph/web.js";
init().then(() => console.log(oxigraph));
