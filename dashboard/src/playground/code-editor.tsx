import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import {
  bracketMatching,
  codeFolding,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useLayoutEffect, useRef } from "react";

interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The language; a new one makes the editor anew. */
  language: Extension;
  /** Where the cursor is, whenever it moves. */
  onCursor?: (position: number) => void;
  /** Height in lines. */
  lines: number;
}

/**
 * CodeMirror. It lives in a shadow root, where it can adopt its style sheets: the page's policy allows no style that a
 * script writes into the document.
 */
export function CodeEditor({ label, value, onChange, language, onCursor, lines }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  const changed = useEffectEvent((text: string) => {
    if (text !== value) onChange(text);
  });
  const moved = useEffectEvent((position: number) => onCursor?.(position));
  const initial = useEffectEvent(() => value);
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const view = new EditorView({
      doc: initial(),
      parent: root,
      root,
      extensions: [
        BASICS,
        language,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of(({ docChanged, selectionSet, state }) => {
          if (docChanged) changed(state.doc.toString());
          if (docChanged || selectionSet) moved(state.selection.main.head);
        }),
      ],
    });
    editor.current = view;
    return () => view.destroy();
  }, [label, language]);
  useEffect(() => {
    const view = editor.current;
    if (view && view.state.doc.toString() !== value)
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);
  return (
    <div className="code">
      <span aria-hidden="true">{label}</span>
      <div ref={host} style={{ height: `${lines * 1.4}rem` }} />
    </div>
  );
}

const THEME = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "transparent", fontSize: "0.85rem" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": {
    backgroundColor: "var(--raised)",
    color: "var(--soft)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.85" },
  ".cm-completionInfo": { maxWidth: "22rem" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--raised)", color: "var(--soft)", border: "none" },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.modifier], color: "var(--accent)" },
  { tag: [tags.string, tags.bool, tags.null, tags.special(tags.name)], color: "var(--good)" },
  { tag: [tags.integer, tags.float, tags.number], color: "var(--warn)" },
  { tag: [tags.variableName, tags.attributeName], color: "var(--warn)" },
  { tag: tags.lineComment, color: "var(--soft)", fontStyle: "italic" },
]);

const BASICS: Extension = [
  lineNumbers(),
  history(),
  codeFolding(),
  foldGutter(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ icons: false }),
  syntaxHighlighting(COLOURS),
  EditorState.tabSize.of(2),
  // Ctrl-Enter belongs to the page.
  keymap.of(
    [
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...defaultKeymap,
    ].filter(({ key }) => key !== "Mod-Enter"),
  ),
  THEME,
];
