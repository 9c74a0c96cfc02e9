import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from "@codemirror/autocomplete";
import {
  defaultKeymap,
  history,
  historyKeymap,
  insertNewlineAndIndent,
} from "@codemirror/commands";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import { PromQLExtension, type PrometheusClient } from "@prometheus-io/codemirror-promql";
import { toRange, type Mark } from "./error-mark.ts";
import { createHelp, type FindHelp } from "./help.ts";
import { replaceSelections } from "./replace-selection.ts";
import { HIGHLIGHTS, THEME } from "./theme.ts";

export interface EditorParts {
  /** Styles go into its adopted style sheets: the page's policy forbids style elements. */
  readonly root: ShadowRoot;
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly completion: PrometheusClient;
  readonly findHelp: FindHelp;
  readonly onInput: (value: string) => void;
  readonly onRun: () => void;
}

/** An editor of a PromQL expression. Enter runs it, Shift and Enter begin a line. */
export interface ExpressionEditor {
  value(): string;
  /** Replaces the text. `onInput` is not called. */
  setValue(value: string): void;
  setMark(mark: Mark | undefined): void;
  /** Replaces the selection, and moves the focus into the editor. */
  insert(text: string): void;
  /** Selects a part, and moves the focus into the editor. */
  select(start: number, end: number): void;
  destroy(): void;
}

/** Marks a change by the page. */
const fromOutside = Annotation.define<boolean>();

const toValidity = (isInvalid: boolean): Extension =>
  EditorView.contentAttributes.of({ "aria-invalid": String(isInvalid) });

export function createEditor(parts: EditorParts): ExpressionEditor {
  const language = new PromQLExtension()
    .setComplete({ remote: parts.completion })
    .activateLinter(false);
  const validity = new Compartment();
  let marked: Mark | undefined;

  const view = new EditorView({
    root: parts.root,
    parent: parts.root,
    state: EditorState.create({
      doc: parts.value,
      extensions: [
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        replaceSelections(),
        EditorView.lineWrapping,
        placeholder(parts.placeholder),
        // Enter runs the expression until an option is selected.
        // Nothing is selected when the list opens, so no key can accept an option by accident, and arrow keys need not wait.
        autocompletion({ selectOnOpen: false, interactionDelay: 0, icons: false }),
        language.asExtension(),
        syntaxHighlighting(HIGHLIGHTS),
        THEME,
        createHelp(parts.findHelp),
        EditorView.contentAttributes.of({ "aria-label": parts.label, spellcheck: "false" }),
        validity.of(toValidity(false)),
        Prec.high(keymap.of(completionKeymap)),
        keymap.of([
          { key: "Enter", run: runExpression, shift: insertNewlineAndIndent },
          ...closeBracketsKeymap,
          ...lintKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          const isOwn = update.transactions.every(
            (transaction) => transaction.annotation(fromOutside) !== true,
          );
          if (update.docChanged && isOwn) parts.onInput(update.state.doc.toString());
        }),
      ],
    }),
  });

  function runExpression(): boolean {
    closeCompletion(view);
    parts.onRun();
    return true;
  }

  function mark(next: Mark | undefined): void {
    marked = next;
    const text = view.state.doc.toString();
    const diagnostics =
      next === undefined
        ? []
        : [{ ...toRange(next, text), severity: "error" as const, message: next.message }];
    view.dispatch(setDiagnostics(view.state, diagnostics));
    view.dispatch({ effects: validity.reconfigure(toValidity(next !== undefined)) });
  }

  return {
    value: () => view.state.doc.toString(),
    setValue(value) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: value },
        selection: { anchor: value.length },
        annotations: fromOutside.of(true),
      });
    },
    setMark(next) {
      if (JSON.stringify(next) !== JSON.stringify(marked)) mark(next);
    },
    insert(text) {
      view.dispatch(view.state.replaceSelection(text), { scrollIntoView: true });
      view.focus();
    },
    select(start, end) {
      const { length } = view.state.doc;
      view.dispatch({
        selection: { anchor: Math.min(start, length), head: Math.min(end, length) },
      });
      view.focus();
    },
    destroy() {
      language.destroy();
      view.destroy();
    },
  };
}
