import { ALLOWED, type Allowed } from "./allowed.ts";
import { readProse, type Prose } from "./read-prose.ts";
import { OPENINGS, WORDS, type Rule } from "./rules.ts";

/** A banned word or opening in a file. */
export interface Violation {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly found: string;
  readonly write: string;
  readonly kind: Prose["kind"];
}

interface Matcher {
  readonly expression: RegExp;
  readonly write: string;
}

const words = WORDS.map((rule) => toMatcher(rule, "(?<![\\p{L}\\p{N}_])", "(?![\\p{L}\\p{N}_])"));
const openings = OPENINGS.map((rule) =>
  toMatcher(rule, "(?:^\\s*|@returns\\s+|@param\\s+[\\w.]+\\s+)", "(?=[\\s,])"),
);

/**
 * Returns the banned words and openings in the prose of one file, in the order of their lines.
 *
 * @param file path from the project's root, with /
 * @param text the file's content
 */
export function findViolations(file: string, text: string): readonly Violation[] {
  const exceptions = ALLOWED.filter(({ files }) => file.startsWith(files));
  return readProse(file, text).flatMap((prose) => [
    ...findIn(prose, words, exceptions, file),
    ...(prose.kind === "doc comment" ? findIn(prose, openings, exceptions, file) : []),
  ]);
}

function findIn(
  { kind, line, text }: Prose,
  matchers: readonly Matcher[],
  exceptions: readonly Allowed[],
  file: string,
): readonly Violation[] {
  const allowed = exceptions.flatMap((exception) => [
    ...text.matchAll(new RegExp(exception.text, "giu")),
  ]);
  return matchers.flatMap(({ expression, write }) =>
    [...text.matchAll(expression)]
      .filter(({ index, 0: { length } }) =>
        allowed.every((one) => index < one.index || index + length > one.index + one[0].length),
      )
      .map(({ index, 0: found }) => ({
        file,
        line: line + countLines(text.slice(0, index + found.length - found.trimStart().length)),
        found: found.trim(),
        write,
        kind,
      })),
  );
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}

function toMatcher({ pattern, write }: Rule, before: string, after: string): Matcher {
  return { expression: new RegExp(`${before}(?:${pattern})${after}`, "giu"), write };
}
