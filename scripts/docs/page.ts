/** Reads a Markdown page: its fenced blocks, values, links, headings and inline code. */
import { listAnchors } from "./anchors.ts";

/** A fenced block. Its info string is a language and attributes: `json reply any="id"`. */
export interface Block {
  readonly kind: "block";
  readonly language: string;
  /** By name; an attribute without a value has "". */
  readonly attributes: ReadonlyMap<string, string>;
  /** Content without the indentation of the fence. Ends with a line feed unless it is empty. */
  readonly text: string;
  /** Line of the fence in the page, from 1. */
  readonly line: number;
  readonly indent: string;
  /** Offsets of the content in the page. */
  readonly start: number;
  readonly end: number;
  /** True if only blank lines stand between this block and the one before. */
  readonly isAdjacent: boolean;
}

/** A number in a sentence that the run computes: `<!-- value promql="…" tolerance="20%" -->33<!-- /value -->`. */
export interface Value {
  readonly kind: "value";
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** A part of the page with its line, from 1. */
export interface Part {
  readonly text: string;
  readonly line: number;
}

export interface Page {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly values: readonly Value[];
  /** Targets of links and images, outside code. */
  readonly links: readonly Part[];
  /** Inline code. */
  readonly spans: readonly Part[];
  readonly anchors: ReadonlySet<string>;
}

/** A finding of a check. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const FENCE = /^(?<indent>[ \t>]*)(?<fence>`{3,}|~{3,})(?<info>[^\n]*)\n/gm;
const CODE = /(?<!`)(`+)(?!`)([\s\S]+?)(?<!`)\1(?!`)/g;
const VALUE = /<!-- value (?<attributes>[^>]*?)-->(?<text>[^<]*)<!-- \/value -->/g;

export function parsePage(path: string, text: string): Page {
  const { blocks, prose } = parseBlocks(text);
  const visible = prose.replaceAll(/<!--[\s\S]*?-->/g, toSpaces);
  const spans = [...visible.matchAll(CODE)];
  const withoutCode = visible.replaceAll(CODE, toSpaces);
  return {
    path,
    text,
    blocks,
    values: [...prose.replaceAll(CODE, toSpaces).matchAll(VALUE)].map((match) => {
      const { attributes = "", text: shown = "" } = match.groups ?? {};
      const start = match.index + match[0].indexOf("-->") + "-->".length;
      return {
        kind: "value",
        attributes: parseAttributes(attributes),
        text: shown,
        line: toLine(text, match.index),
        start,
        end: start + shown.length,
      };
    }),
    links: [
      ...withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g),
      ...withoutCode.matchAll(/\b(?:href|src)="([^"]+)"/g),
      ...withoutCode.matchAll(/<(https?:[^>\s]+)>/g),
    ].map(({ index, 1: target = "" }) => ({ text: target, line: toLine(text, index) })),
    spans: spans.map(({ index, 2: code = "" }) => ({
      // In a table, a bar is escaped.
      text: code.replaceAll(/\s+/g, " ").replaceAll("\\|", "|").trim(),
      line: toLine(text, index),
    })),
    anchors: listAnchors(prose),
  };
}

/** Returns the blocks, and the page with spaces in their place. */
function parseBlocks(text: string): { readonly blocks: readonly Block[]; readonly prose: string } {
  const blocks: Block[] = [];
  let prose = "";
  let from = 0;
  for (;;) {
    FENCE.lastIndex = from;
    const opening = FENCE.exec(text);
    if (opening === null) return { blocks, prose: prose + text.slice(from) };
    const { indent = "", fence = "", info = "" } = opening.groups ?? {};
    const start = opening.index + opening[0].length;
    const closing = new RegExp(
      `^[ \\t>]*${RegExp.escape(fence[0] ?? "")}{${fence.length},}[ \\t]*$`,
      "m",
    ).exec(text.slice(start));
    const end = closing === null ? text.length : start + closing.index;
    const [, language = "", rest = ""] = /^\s*(\S*)(.*)$/.exec(info) ?? [];
    blocks.push({
      kind: "block",
      language,
      attributes: parseAttributes(rest),
      text: text.slice(start, end).replaceAll(new RegExp(`^${RegExp.escape(indent)}`, "gm"), ""),
      line: toLine(text, opening.index),
      indent,
      start,
      end,
      isAdjacent: blocks.length > 0 && text.slice(from, opening.index).trim() === "",
    });
    const after = closing === null ? text.length : end + closing[0].length;
    prose += text.slice(from, opening.index) + toSpaces(text.slice(opening.index, after));
    from = after;
  }
}

/** Parses `reply any="id, time"`. */
function parseAttributes(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/([\w-]+)(?:=(?:"([^"]*)"|'([^']*)'|(\S+)))?/g)].map(
      ([, name = "", double, single, bare]) => [name, double ?? single ?? bare ?? ""],
    ),
  );
}

function toLine(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function toSpaces(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}
