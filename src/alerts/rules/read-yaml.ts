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

/** A YAML file of which every value is a text, as Prometheus reads rule files, and that says where things stand. */
export interface YamlFile {
  /** Undefined for an empty file, or one that is no YAML. */
  readonly root: YamlValue | undefined;
  readonly problems: readonly Problem[];
}

export type YamlValue =
  | { readonly kind: "text"; readonly text: string; readonly line: number }
  | { readonly kind: "nothing"; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly YamlValue[]; readonly line: number }
  | { readonly kind: "map"; readonly entries: readonly YamlEntry[]; readonly line: number };

export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlValue;
}

/** Values that are read, those behind aliases each time: aliases of aliases could make a few lines very many. */
const MAX_VALUES = 200_000;
const MAX_LEVELS = 20;

export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    // All scalars are texts: `for: 0` and `severity: 1` mean what is written.
    schema: "failsafe",
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return { root: undefined, problems: [] };
  const toLine = (offset: number): number => lines.linePos(offset).line;
  const problems = documents.flatMap(({ errors }) =>
    errors.map(({ message, pos }) => ({ at: `${file}, line ${toLine(pos[0])}`, message })),
  );
  const [document, another] = documents;
  if (another !== undefined && problems.length === 0) {
    const line = toLine(another.range[0]);
    problems.push({
      at: `${file}, line ${line}`,
      message: "a second document begins here; one file has one",
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

  /** @throws RangeError for a file that is too large or too deep */
  read(written: unknown, level: number): YamlValue {
    if (++this.#values > MAX_VALUES) throw new RangeError(`more than ${MAX_VALUES} values`);
    if (level > MAX_LEVELS) throw new RangeError(`more than ${MAX_LEVELS} levels`);
    const node = isAlias(written) ? this.#resolve(written) : written;
    const line = this.#lineOf(isAlias(written) ? written : node);
    if (isScalar(node)) {
      const text = String(node.value ?? "");
      const nothing = node.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(text);
      return nothing ? { kind: "nothing", line } : { kind: "text", text, line };
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
    return { kind: "nothing", line };
  }

  /** Looking for an anchor goes through the whole document. */
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
