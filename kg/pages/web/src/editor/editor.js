// The text of the query: CodeMirror in a shadow root, whose style sheets a strict content security policy allows.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, isolateHistory } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { offsetOf } from "./sparql.js";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--derived)", fontWeight: "600" },
  { tag: [tags.variableName, tags.special(tags.variableName), tags.local(tags.variableName)], color: "var(--catalogue)" },
  { tag: [tags.atom, tags.link, tags.url, tags.tagName], color: "var(--link)" },
  { tag: tags.string, color: "var(--gap)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
]);

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: ".9rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
  "& .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--catalogue-soft)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--muted)", borderRadius: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxWidth: "min(36rem, 90vw)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--surface)" },
  ".cm-completionDetail": { fontStyle: "normal", fontFamily: "var(--sans)", opacity: ".8" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--contradiction)" },
});

/** Put an editor into an element; `complete` completes, `run` is called for Ctrl-Enter, `changed` with each new text. */
export function editor(host, text, { complete, run, changed }) {
  const root = host.attachShadow({ mode: "open" });
  const holder = document.createElement("div");
  holder.part = "editor";
  root.append(holder);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("div[part] { height: 100%; }");
  root.adoptedStyleSheets = [sheet];
  const view = new EditorView({ parent: holder, root, state: EditorState.create({ doc: text, extensions: extensions(complete, run, changed) }) });
  return {
    view,
    get text() {
      return view.state.doc.toString();
    },
    set text(other) {
      const changes = { from: 0, to: view.state.doc.length, insert: other };
      view.dispatch({ changes, selection: { anchor: 0 }, annotations: isolateHistory.of("full") }); // undone by itself
    },
    focus: () => view.focus(),
    mark: (problem) => mark(view, problem),
  };
}

function extensions(complete, run, changed) {
  const asked = { key: "Mod-Enter", preventDefault: true, run: () => (run(), true) };
  return [
    keymap.of([asked, ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    bracketMatching(),
    closeBrackets(),
    StreamLanguage.define(sparql),
    syntaxHighlighting(colours),
    autocompletion({ override: [complete], maxRenderedOptions: 60 }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": "SPARQL query; Control Enter runs it", spellcheck: "false", tabindex: "0" }),
    EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
    EditorView.domEventHandlers({ beforeinput: replaced }),
    look,
  ];
}

/** Replace a selection that is typed over: left to the browser, it would keep the style of the old text, which the policy forbids. */
function replaced(event, view) {
  if (event.inputType !== "insertText" || view.composing || view.state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  return true;
}

/** Mark the place of a problem and go there; null takes marks away. */
function mark(view, problem) {
  if (!problem?.line) {
    view.dispatch(setDiagnostics(view.state, []));
    return;
  }
  const text = view.state.doc.toString();
  const from = Math.min(offsetOf(text, problem.line, problem.column ?? 1), text.length);
  const word = /^(?:[\p{L}\p{N}_:.-]+|.)/u.exec(text.slice(from))?.[0] ?? "";
  const message = problem.hint ? `${problem.detail}: ${problem.hint}` : problem.detail;
  view.dispatch(setDiagnostics(view.state, [{ from, to: from + word.length, severity: "error", message }]));
  view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
}
