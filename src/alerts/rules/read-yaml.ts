import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Alias,
  type Document,
  type Node,
} from "yaml";
import type { Problem } from "../../kernel/errors.ts";

/** A YAML file whose scalars are all strings, as in Prometheus rule files, with the line of each value. */
export interface YamlFile {
  /** Undefined for an empty file and for invalid YAML. */
  readonly root: YamlValue | undefined;
  readonly problems: readonly Problem[];
}

export type YamlValue =
  | { readonly kind: "string"; readonly value: string; readonly line: number }
  | { readonly kind: "null"; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly YamlValue[]; readonly line: number }
  | { readonly kind: "map"; readonly entries: readonly YamlEntry[]; readonly line: number };

export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlValue;
}

/** Counts values behind an alias each time: nested aliases can expand a few lines to billions of values. */
const MAX_VALUES = 200_000;
const MAX_LEVELS = 20;

/** @param file its name, for the location of problems */
export function readYaml(file: string, content: string): YamlFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(content, {
    // All scalars are strings: `for: 0` and `severity: 1` keep their spelling.
    schema: "failsafe",
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return { root: undefined, problems: [] };
  const toLine = (offset: number): number => lines.linePos(offset).line;
  const problems = documents.flatMap(({ errors }) =>
    errors.map(({ message, pos }) => ({ at: `${file}:${toLine(pos[0])}`, message })),
  );
  const [document, another] = documents;
  if (another !== undefined && problems.length === 0) {
    problems.push({
      at: `${file}:${toLine(another.range[0])}`,
      message: "Expected one YAML document, got a second one.",
    });
  }
  if (document === undefined || problems.length > 0) return { root: undefined, problems };
  try {
    return { root: new Reader(document, toLine).read(document.contents, 0), problems };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { root: undefined, problems: [{ at: file, message: error.message }] };
  }
}

class Reader {
  readonly #document: Document.Parsed;
  readonly #toLine: (offset: number) => number;
  readonly #resolved = new Map<Alias, unknown>();
  #values = 0;

  constructor(document: Document.Parsed, toLine: (offset: number) => number) {
    this.#document = document;
    this.#toLine = toLine;
  }

  /** @throws RangeError if the file has too many values or levels */
  read(written: unknown, level: number): YamlValue {
    if (++this.#values > MAX_VALUES) throw new RangeError(`Expected at most ${MAX_VALUES} values.`);
    if (level > MAX_LEVELS) throw new RangeError(`Expected at most ${MAX_LEVELS} levels.`);
    const node = isAlias(written) ? this.#resolve(written) : written;
    const line = this.#lineOf(isAlias(written) ? written : node);
    if (isScalar(node)) {
      const value = String(node.value ?? "");
      const isNull = node.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(value);
      return isNull ? { kind: "null", line } : { kind: "string", value, line };
    }
    if (isSeq(node)) {
      return { kind: "list", items: node.items.map((item) => this.read(item, level + 1)), line };
    }
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }) => ({
        key: isScalar(key) ? String(key.value ?? "") : "",
        line: this.#lineOf(key),
        value: this.read(value, level + 1),
      }));
      return { kind: "map", entries, line };
    }
    return { kind: "null", line };
  }

  /** Caches, because resolving an anchor searches the whole document. */
  #resolve(alias: Alias): unknown {
    let node = this.#resolved.get(alias);
    if (node === undefined) {
      node = alias.resolve(this.#document);
      this.#resolved.set(alias, node);
    }
    return node;
  }

  #lineOf(node: unknown): number {
    const range = (node as Node | null | undefined)?.range;
    return this.#toLine(range?.[0] ?? 0);
  }
}
