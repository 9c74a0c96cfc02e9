import type { Parser } from "../../kernel/check.ts";
import type { Problem } from "../../kernel/errors.ts";
import type { Path } from "../../kernel/json-pointer.ts";

/** Collects the problems of one call in a script. Each has the source location of the call. */
export class CallCheck {
  readonly problems: Problem[] = [];
  readonly #callee: string;
  readonly #location: string;

  /**
   * @param callee name of the called function
   * @param location `file:line`, or "" if it is unknown
   */
  constructor(callee: string, location: string) {
    this.#callee = callee;
    this.#location = location;
  }

  /** @param path to a parameter or an option; empty for the call itself */
  add(path: Path, message: string): void {
    const where = path.map((key) => (typeof key === "number" ? `[${key}]` : ` ${key}`)).join("");
    this.problems.push({ at: this.#location, message: `${this.#callee}${where}: ${message}` });
  }

  /** Reads a parameter or the options, or adds the problems and returns undefined. */
  read<T>(parser: Parser<T>, given: unknown, path: Path = []): T | undefined {
    const parsed = parser.parse(given, false);
    if ("value" in parsed) return parsed.value;
    for (const issue of parsed.issues) this.add([...path, ...issue.path], issue.message);
    return undefined;
  }
}
