import { LanguageType, promQLLanguage } from "@prometheus-io/codemirror-promql";

/** A node of Lezer's syntax tree, as far as this file reads it. */
interface SyntaxNode {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly type: { readonly isError: boolean };
  readonly firstChild: SyntaxNode | null;
  readonly nextSibling: SyntaxNode | null;
}

export interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

/** `offset` and `@`, as written. */
interface Shift {
  readonly offset: string | undefined;
  readonly at: string | undefined;
}

export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly group: "left" | "right" | undefined;
  readonly include: readonly string[];
}

type Kind =
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | (Shift & {
      readonly kind: "selector";
      readonly name: string | undefined;
      readonly matchers: readonly Matcher[];
      /** The duration in brackets, as written. */
      readonly range: string | undefined;
    })
  | (Shift & {
      readonly kind: "subquery";
      readonly range: string;
      readonly step: string | undefined;
    })
  | { readonly kind: "call"; readonly name: string }
  | {
      readonly kind: "aggregation";
      readonly op: string;
      /** Undefined without `by` and `without`. */
      readonly grouping: "by" | "without" | undefined;
      readonly labels: readonly string[];
    }
  | {
      readonly kind: "binary";
      readonly op: string;
      readonly bool: boolean;
      readonly matching: Matching | undefined;
    }
  | { readonly kind: "unary"; readonly op: string }
  | { readonly kind: "parens" };

/** A node of an expression. */
export type ExprNode = Kind & {
  /** Source range in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly children: readonly ExprNode[];
};

const language = promQLLanguage(LanguageType.PromQL);

/** Parses an expression; undefined if it is incomplete or invalid. */
export function parseExpression(text: string): ExprNode | undefined {
  const tree = language.parser.parse(text);
  const root: SyntaxNode = tree.topNode;
  let isValid = true;
  tree.iterate({ enter: ({ type }) => void (isValid &&= !type.isError) });
  const expr = listChildren(root).find(({ name }) => name !== "LineComment");
  return isValid && expr !== undefined ? read(text, expr) : undefined;
}

function read(text: string, node: SyntaxNode): ExprNode | undefined {
  const children = listChildren(node);
  const span = { start: node.from, end: node.to };
  const cut = (one: SyntaxNode): string => text.slice(one.from, one.to);
  const find = (name: string): SyntaxNode | undefined => children.find((one) => one.name === name);
  const readAll = (nodes: readonly SyntaxNode[]): ExprNode[] =>
    nodes.flatMap((one) => read(text, one) ?? []);

  switch (node.name) {
    case "NumberDurationLiteral":
      return { kind: "number", text: cut(node), ...span, children: [] };
    case "StringLiteral":
      return { kind: "string", text: cut(node), ...span, children: [] };
    case "ParenExpr":
      return { kind: "parens", ...span, children: readAll(children) };
    case "UnaryExpr":
      return { kind: "unary", op: text[node.from] ?? "", ...span, children: readAll(children) };
    case "VectorSelector":
      return { ...readSelector(text, children), range: undefined, ...span, children: [] };
    case "MatrixSelector": {
      const [selector, range] = children;
      if (selector === undefined || range === undefined) return undefined;
      const inner = readSelector(text, listChildren(selector));
      return { ...inner, range: cut(range), ...span, children: [] };
    }
    case "SubqueryExpr": {
      const [inner, range, step] = children;
      if (inner === undefined || range === undefined) return undefined;
      return {
        kind: "subquery",
        range: cut(range),
        step: step && cut(step),
        offset: undefined,
        at: undefined,
        ...span,
        children: readAll([inner]),
      };
    }
    case "OffsetExpr":
    case "StepInvariantExpr":
      return readShift(text, node, children);
    case "FunctionCall": {
      const [name] = children;
      const body = find("FunctionCallBody");
      if (name === undefined || body === undefined) return undefined;
      return { kind: "call", name: cut(name), ...span, children: readAll(listChildren(body)) };
    }
    case "AggregateExpr": {
      const [op] = children;
      const body = find("FunctionCallBody");
      if (op === undefined || body === undefined) return undefined;
      const modifier = find("AggregateModifier");
      const parts = modifier === undefined ? [] : listChildren(modifier);
      return {
        kind: "aggregation",
        op: cut(op).toLowerCase(),
        grouping: parts[0] && (parts[0].name === "By" ? "by" : "without"),
        labels: parts[1] === undefined ? [] : listLabels(text, parts[1]),
        ...span,
        children: readAll(listChildren(body)),
      };
    }
    case "BinaryExpr":
      return readBinary(text, node, children);
    default:
      // `anchored` and `smoothed` of newer versions.
      return readAll(children)[0];
  }
}

function readBinary(
  text: string,
  node: SyntaxNode,
  children: readonly SyntaxNode[],
): ExprNode | undefined {
  const [left, op] = children;
  const right = children.at(-1);
  if (left === undefined || op === undefined || right === undefined) return undefined;
  const operands = [left, right].flatMap((one) => read(text, one) ?? []);
  const clause = children.find(({ name }) => name === "MatchingModifierClause");
  return {
    kind: "binary",
    op: text.slice(op.from, op.to).toLowerCase(),
    bool: children.some(({ name }) => name === "BoolModifier"),
    matching: clause && readMatching(text, listChildren(clause)),
    start: node.from,
    end: node.to,
    children: operands,
  };
}

function readMatching(text: string, parts: readonly SyntaxNode[]): Matching {
  const [kind, labels] = parts;
  const groupAt = parts.findIndex(({ name }) => name === "GroupLeft" || name === "GroupRight");
  const group = parts[groupAt]?.name;
  const include = groupAt < 0 ? undefined : parts[groupAt + 1];
  return {
    on: kind?.name === "On",
    labels: labels === undefined ? [] : listLabels(text, labels),
    group: group === undefined ? undefined : group === "GroupLeft" ? "left" : "right",
    include: include?.name === "GroupingLabels" ? listLabels(text, include) : [],
  };
}

/** Adds `offset` or `@` to the selector or the subquery in front of it. */
function readShift(
  text: string,
  { from, to, name }: SyntaxNode,
  children: readonly SyntaxNode[],
): ExprNode | undefined {
  const [first, keyword] = children;
  const inner = first && read(text, first);
  if (inner === undefined || keyword === undefined) return inner;
  if (inner.kind !== "selector" && inner.kind !== "subquery") return inner;
  const written = text.slice(keyword.to, to).trim();
  const shift = name === "OffsetExpr" ? { offset: written } : { at: written };
  return { ...inner, ...shift, start: from, end: to };
}

function readSelector(text: string, children: readonly SyntaxNode[]) {
  const cut = (one: SyntaxNode): string => text.slice(one.from, one.to);
  const identifier = children.find(({ name }) => name === "Identifier");
  const list = children.find(({ name }) => name === "LabelMatchers");
  let name = identifier && cut(identifier);
  const matchers: Matcher[] = [];
  for (const one of list === undefined ? [] : listChildren(list)) {
    if (one.name === "QuotedLabelName") {
      name = unquote(cut(one));
      continue;
    }
    const [label, op, value] = listChildren(one);
    if (label === undefined || op === undefined || value === undefined) continue;
    matchers.push({ label: unquote(cut(label)), op: cut(op), value: unquote(cut(value)) });
  }
  return { kind: "selector", name, matchers, offset: undefined, at: undefined } as const;
}

function listLabels(text: string, { from, to }: SyntaxNode): readonly string[] {
  return text
    .slice(from, to)
    .replace(/^\(|\)$/g, "")
    .split(",")
    .map((label) => unquote(label.trim()))
    .filter((label) => label !== "");
}

/** Removes the quotes of a string and the escapes before quotes and backslashes; a name without quotes stays. */
function unquote(written: string): string {
  const [, quote, inner = ""] = /^(["'`])([^]*)\1$/.exec(written) ?? [];
  if (quote === undefined) return written;
  return quote === "`" ? inner : inner.replaceAll(/\\(["'\\])/g, "$1");
}

function listChildren(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}
