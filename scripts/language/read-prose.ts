import { parseSync, visitorKeys } from "oxc-parser";

/** A piece of text for people in a file. */
export interface Prose {
  readonly kind: "doc comment" | "comment" | "message" | "document";
  /** 1-based line of its first character. */
  readonly line: number;
  readonly text: string;
}

/** Files with prose that this module can read, by the end of their name. */
const READERS: readonly (readonly [RegExp, (text: string, name: string) => Iterable<Prose>])[] = [
  [/\.(?:ts|tsx|mjs|js)$/, readScript],
  [/\.md$/, readMarkdown],
  [
    /\.(?:ya?ml|sh|py|test)$|(?:^|\/)(?:Dockerfile|Caddyfile|\.env\.example|\.ci\/run)$/,
    readHashComments,
  ],
  [/\.css$/, readStyleComments],
  [/\.html$/, readMarkup],
];

/** Returns the prose of a file; nothing for a kind of file that has none. */
export function readProse(name: string, text: string): readonly Prose[] {
  const read = READERS.find(([pattern]) => pattern.test(name))?.[1];
  return read === undefined ? [] : [...read(text, name)];
}

/** A string literal is a message when it has at least three words. */
const MESSAGE = /\p{L}\S*\s+\S+\s+\S/u;
const CODE_SPAN = /`[^`\n]*`/g;

function* readScript(text: string, name: string): Generator<Prose> {
  const { comments, errors, program } = parseSync(name, text);
  if (errors[0] !== undefined) throw new Error(`${name}: ${errors[0].message}`);
  const toLine = createLineFinder(text);
  for (const { type, value, start } of comments) {
    const isDoc = type === "Block" && value.startsWith("*");
    const body = value.replaceAll(/^\s*\* ?/gm, "").replaceAll(CODE_SPAN, "`…`");
    yield { kind: isDoc ? "doc comment" : "comment", line: toLine(start), text: body };
  }
  for (const { value, start } of findStrings(program)) {
    if (MESSAGE.test(value)) yield { kind: "message", line: toLine(start), text: value };
  }
}

interface Literal {
  readonly value: string;
  readonly start: number;
}

/** Yields string literals, template literals with … for each expression, and text between JSX tags. */
function* findStrings(node: object): Generator<Literal> {
  const type: unknown = Reflect.get(node, "type");
  const start: unknown = Reflect.get(node, "start");
  if (typeof type !== "string" || typeof start !== "number") return;
  const value: unknown = Reflect.get(node, "value");
  if ((type === "Literal" || type === "JSXText") && typeof value === "string") {
    yield { value, start };
  }
  if (type === "TemplateLiteral") {
    const quasis: unknown = Reflect.get(node, "quasis");
    if (Array.isArray(quasis)) {
      yield { value: quasis.map((quasi) => quasi.value.cooked ?? "").join("…"), start };
    }
  }
  for (const key of visitorKeys[type] ?? []) {
    const child: unknown = Reflect.get(node, key);
    for (const item of Array.isArray(child) ? child : [child]) {
      if (typeof item === "object" && item !== null) yield* findStrings(item);
    }
  }
}

function* readMarkdown(text: string): Generator<Prose> {
  let fence: string | null = null;
  let paragraph: string[] = [];
  let first = 1;
  const lines = text.split("\n");
  for (const [i, line] of [...lines, ""].entries()) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    const isProse = fence === null && mark === undefined && line.trim() !== "";
    if (isProse) {
      if (paragraph.length === 0) first = i + 1;
      paragraph.push(line.replaceAll(CODE_SPAN, "`…`").replaceAll(/\]\([^)]*\)/g, "]"));
      continue;
    }
    if (paragraph.length > 0) yield { kind: "document", line: first, text: paragraph.join("\n") };
    paragraph = [];
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && mark.startsWith(fence ?? "")) fence = null;
  }
}

function* readHashComments(text: string): Generator<Prose> {
  for (const [i, line] of text.split("\n").entries()) {
    const comment = /(?:^|\s)#(?!!)(.*)$/.exec(line)?.[1];
    if (comment === undefined) continue;
    yield { kind: "comment", line: i + 1, text: comment.replaceAll(CODE_SPAN, "`…`") };
  }
}

function* readStyleComments(text: string): Generator<Prose> {
  const toLine = createLineFinder(text);
  for (const match of text.matchAll(/\/\*([^]*?)\*\//g)) {
    yield { kind: "comment", line: toLine(match.index), text: match[1] ?? "" };
  }
}

function* readMarkup(text: string): Generator<Prose> {
  const toLine = createLineFinder(text);
  for (const match of text.matchAll(/>([^<]*\p{L}[^<]*)</gu)) {
    yield { kind: "document", line: toLine(match.index), text: match[1] ?? "" };
  }
}

function createLineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (const match of text.matchAll(/\n/g)) starts.push(match.index + 1);
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after < 0 ? starts.length : after;
  };
}
