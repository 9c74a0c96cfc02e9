import { RE2JS } from "re2js";

/** A regular expression of a selector or of `label_replace`, anchored at both ends. */
export interface AnchoredRegex {
  /** Maximum cost per character, in instructions; 0 without an engine. */
  readonly cost: number;
  /** Returns true if the whole string matches. */
  readonly matches: (text: string) => boolean;
  /**
   * Returns the groups of a match, the whole match first; null without a match, undefined for a group that does not
   * take part.
   */
  groups(text: string): AnchoredMatch | null;
}

export interface AnchoredMatch {
  /** Indices of named groups. */
  readonly all: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | null>>;
}

/** Compiled expressions. Compiling costs more than matching, and dashboards repeat their expressions. */
const CACHE_ENTRIES = 500;
/** Maximum size of all compiled expressions in the cache, in instructions of some 150 bytes. */
const CACHE_INSTRUCTIONS = 200_000;
/** Maximum size of a program, in RE2 instructions: the maximum cost of one character. `[a-z]{1000}` has about 1,000. */
const MAX_PROGRAM = 10_000;
const MAX_PATTERN = 10_000;
/** Results per value. Label values repeat from query to query and from series to series. */
const REMEMBERED_VALUES = 2_000;

const cache = new Map<string, CompiledRegex>();
let cachedInstructions = 0;

interface CompiledRegex extends AnchoredRegex {
  /** Size of the compiled program; 0 if it is not kept. */
  readonly instructions: number;
}

/**
 * Compiles an expression in Go's RE2 syntax as Prometheus does: anchored, a dot matches a line feed, no backtracking,
 * linear time.
 *
 * @throws Error that describes the problem of the expression
 */
export function compileRegex(pattern: string): AnchoredRegex {
  const cached = cache.get(pattern);
  if (cached !== undefined) return cached;
  const compiled = compile(pattern);
  cache.set(pattern, compiled);
  cachedInstructions += compiled.instructions;
  for (const [oldest, { instructions }] of cache) {
    if (cache.size <= CACHE_ENTRIES && cachedInstructions <= CACHE_INSTRUCTIONS) break;
    cache.delete(oldest);
    cachedInstructions -= instructions;
  }
  return compiled;
}

function compile(pattern: string): CompiledRegex {
  if (pattern.length > MAX_PATTERN) {
    throw new Error(`the regular expression is longer than ${MAX_PATTERN} characters`);
  }
  // The same wrapping as in Prometheus, so that `a)(b` has the same meaning.
  const regex = RE2JS.compile(`^(?s:${pattern})$`);
  if (regex.programSize() > MAX_PROGRAM) {
    throw new Error("the regular expression is too large; use smaller repetitions");
  }
  const simple = toSimpleTest(pattern);
  return {
    instructions: regex.programSize(),
    cost: simple === undefined ? regex.programSize() : 0,
    matches: simple ?? remember((text) => regex.matcher(text).find()),
    groups(text) {
      const matcher = regex.matcher(text);
      if (!matcher.find()) return null;
      const all: (string | undefined)[] = [];
      for (let i = 0; i <= matcher.groupCount(); i++) all.push(matcher.group(i) ?? undefined);
      return { all, named: matcher.getNamedGroups() };
    },
  };
}

function remember(test: (text: string) => boolean): (text: string) => boolean {
  const results = new Map<string, boolean>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    if (results.size >= REMEMBERED_VALUES) results.clear();
    const result = test(text);
    results.set(text, result);
    return result;
  };
}

/** Characters without a special meaning in any syntax of regular expressions. */
const PLAIN = String.raw`[\w\- :/@,;=~%&'"<>!#]`;
const ALTERNATIVES = new RegExp(`^${PLAIN}*(?:\\|${PLAIN}*)*$`);
const AROUND = new RegExp(`^(\\.[*+])?(${PLAIN}*)(\\.[*+])?$`);

/**
 * Matches without an engine if the expression is a literal, a choice of literals, or a literal between `.*` or `.+`.
 */
function toSimpleTest(pattern: string): ((text: string) => boolean) | undefined {
  if (ALTERNATIVES.test(pattern)) {
    const texts = new Set(pattern.split("|"));
    return (text) => texts.has(text);
  }
  const parts = AROUND.exec(pattern);
  if (parts === null) return undefined;
  const [, before, middle = "", after] = parts;
  const least = (before === ".+" ? 1 : 0) + (after === ".+" ? 1 : 0);
  if (middle === "") return (text) => text.length >= least && isLongEnough(text, least);
  if (before === undefined) {
    return (text) => text.startsWith(middle) && text.length - middle.length >= least;
  }
  if (after === undefined) {
    return (text) => text.endsWith(middle) && text.length - middle.length >= least;
  }
  const from = before === ".+" ? 1 : 0;
  const behind = after === ".+" ? 1 : 0;
  return (text) => {
    const at = text.indexOf(middle, from);
    return at >= 0 && at + middle.length + behind <= text.length;
  };
}

/** `.+.+` requires two characters; a character outside the basic plane is one, although it has two UTF-16 units. */
function isLongEnough(text: string, least: number): boolean {
  return least < 2 || [...text].length >= least;
}
