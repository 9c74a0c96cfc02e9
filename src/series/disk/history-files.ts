import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The prefixes of file names: segments of sealed blocks, and write-ahead logs of heads. */
const PREFIXES = { segment: "windows", wal: "open" } as const;
const NAME = /^(windows|open)-(\d+)\.tps$/;

export type HistoryFileKind = keyof typeof PREFIXES;

/** The numbered files of a history folder. Other files in it are ignored. */
export class HistoryFiles {
  readonly #folder: string;
  /** Paths of the files that existed at first, oldest first. */
  readonly segments: readonly string[];
  readonly wals: readonly string[];
  #lastNumber: number;

  constructor(folder: string) {
    this.#folder = folder;
    const found = readdirSync(folder).flatMap((name) => {
      const [, prefix, number] = NAME.exec(name) ?? [];
      return prefix === undefined
        ? []
        : [{ prefix, number: Number(number), path: join(folder, name) }];
    });
    found.sort((a, b) => a.number - b.number);
    const list = (kind: HistoryFileKind): string[] =>
      found.filter(({ prefix }) => prefix === PREFIXES[kind]).map(({ path }) => path);
    this.segments = list("segment");
    this.wals = list("wal");
    this.#lastNumber = found.at(-1)?.number ?? 0;
  }

  /** Returns the path of a file that does not exist yet. */
  nextPath(kind: HistoryFileKind): string {
    this.#lastNumber += 1;
    const number = String(this.#lastNumber).padStart(8, "0");
    return join(this.#folder, `${PREFIXES[kind]}-${number}.tps`);
  }
}
