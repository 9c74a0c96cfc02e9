import { syntaxTree } from "@codemirror/language";
import { StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view";

/** A word of an expression. */
export interface Word {
  readonly kind: "metric" | "function" | "aggregation" | "keyword" | "label" | "duration";
  readonly text: string;
}

export interface Help {
  readonly title: string;
  readonly detail: string;
  readonly text: string;
}

/** Returns the help of a word; undefined without one. */
export type FindHelp = (word: Word) => Help | undefined;

/** Shows help for the word under the pointer, and with Ctrl or ⌘ and I for the word at the caret. Escape closes it. */
export function createHelp(findHelp: FindHelp): Extension {
  function toTooltip(state: EditorState, position: number): Tooltip | null {
    const found = findWord(state, position);
    const help = found && findHelp(found.word);
    if (found === undefined || help === undefined) return null;
    return { pos: found.from, end: found.to, above: false, create: () => ({ dom: draw(help) }) };
  }

  const open = StateEffect.define<Tooltip | null>();
  const shown = StateField.define<Tooltip | null>({
    create: () => null,
    update(before, transaction) {
      for (const effect of transaction.effects) if (effect.is(open)) return effect.value;
      return transaction.docChanged || transaction.selection !== undefined ? null : before;
    },
    provide: (field) => showTooltip.from(field),
  });

  function openHelp(view: EditorView): boolean {
    const position = view.state.selection.main.head;
    const tooltip = toTooltip(view.state, position);
    const found = findWord(view.state, position);
    const help = found && findHelp(found.word);
    view.dispatch({
      effects: [
        open.of(tooltip),
        EditorView.announce.of(
          help === undefined ? "No help here" : `${help.title}. ${help.detail} ${help.text}`,
        ),
      ],
    });
    return true;
  }

  function closeHelp(view: EditorView): boolean {
    if (view.state.field(shown) === null) return false;
    view.dispatch({ effects: open.of(null) });
    return true;
  }

  return [
    shown,
    hoverTooltip((view, position) => toTooltip(view.state, position), { hoverTime: 250 }),
    keymap.of([
      { key: "Mod-i", run: openHelp },
      { key: "Escape", run: closeHelp },
    ]),
  ];
}

function draw({ title, detail, text }: Help): HTMLElement {
  const box = document.createElement("div");
  box.className = "cm-help";
  for (const [name, content] of [
    ["cm-help-title", title],
    ["cm-help-detail", detail],
    ["cm-help-text", text],
  ] as const) {
    if (content === "") continue;
    const part = document.createElement("p");
    part.className = name;
    part.textContent = content;
    box.append(part);
  }
  return box;
}

interface FoundWord {
  readonly word: Word;
  readonly from: number;
  readonly to: number;
}

/** Names of nodes of Lezer's tree. */
const KINDS: Readonly<Record<string, Word["kind"]>> = {
  Identifier: "metric",
  LabelName: "label",
  NumberDurationLiteralInDurationContext: "duration",
};

function findWord(state: EditorState, position: number): FoundWord | undefined {
  for (const side of [1, -1] as const) {
    const node = syntaxTree(state).resolveInner(position, side);
    const kind = KINDS[node.name] ?? toParentKind(node.parent?.name);
    if (kind === undefined) continue;
    return {
      word: { kind, text: state.sliceDoc(node.from, node.to) },
      from: node.from,
      to: node.to,
    };
  }
  return undefined;
}

function toParentKind(parent: string | undefined): Word["kind"] | undefined {
  if (parent === "FunctionIdentifier") return "function";
  if (parent === "AggregateOp") return "aggregation";
  return parent === "MatchingModifierClause" ||
    parent === "AggregateModifier" ||
    parent === "BoolModifier"
    ? "keyword"
    : undefined;
}
