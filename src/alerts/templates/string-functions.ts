import { RE2JS } from "re2js";
import { TemplateError } from "./ast.ts";

/** Prometheus's template functions on strings. */

/** Returns true if the regular expression matches anywhere. */
export function match(pattern: string, value: string): boolean {
  return compile(pattern).matcher(value).find();
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new TemplateError(`invalid regular expression "${pattern}": ${String(cause)}`);
  }
}

/** Replaces every match of a regular expression. @param replacement may refer to groups: `$1`, `${name}` */
export function replaceAll(pattern: string, replacement: string, value: string): string {
  const matcher = compile(pattern).matcher(value);
  let replaced = "";
  let from = 0;
  let lastEnd = -1;
  while (matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    // Go ignores an empty match right after another match.
    if (start === end && start === lastEnd) continue;
    const named = matcher.getNamedGroups();
    replaced += value.slice(from, start);
    replaced += replacement.replaceAll(
      /\$(?:\$|(\w+)|\{(\w+)\})/g,
      (_, bare: string | undefined, braced: string | undefined) => {
        const name = bare ?? braced;
        if (name === undefined) return "$";
        if (!/^\d+$/.test(name)) return named[name] ?? "";
        return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? "") : "";
      },
    );
    from = end;
    lastEnd = end;
  }
  return replaced + value.slice(from);
}

export const toUpper = (value: string): string =>
  changeCase(value, (letter) => letter.toUpperCase());

export const toLower = (value: string): string =>
  changeCase(value, (letter) => letter.toLowerCase());

/** Changes letter by letter, as Go does: a letter whose other case has several letters (ß) stays. */
function changeCase(value: string, change: (letter: string) => string): string {
  return [...value]
    .map((letter) => {
      const changed = change(letter);
      return [...changed].length === 1 ? changed : letter;
    })
    .join("");
}

const WORDS = new Intl.Segmenter("en", { granularity: "word" });

/** Capitalises the first letter of each word. */
export function toTitle(value: string): string {
  return [...WORDS.segment(value)]
    .map(({ segment }) => {
      const [letter = ""] = segment;
      return letter.toUpperCase() + segment.slice(letter.length);
    })
    .join("");
}

/** Removes the port of `host:port`. */
export function stripPort(value: string): string {
  return splitPort(value)?.host ?? value;
}

/** Removes the domain of `host.domain` or `host.domain:port`; IP addresses stay. */
export function stripDomain(value: string): string {
  const { host, port } = splitPort(value) ?? { host: value, port: "" };
  if (host.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return value;
  const [name = ""] = host.split(".");
  return port === "" ? name : `${name}:${port}`;
}

function splitPort(value: string): { readonly host: string; readonly port: string } | undefined {
  const parts = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(value);
  return parts === null ? undefined : { host: parts[1] ?? parts[2] ?? "", port: parts[3] ?? "" };
}
