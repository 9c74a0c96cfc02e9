import { RE2JS } from "re2js";

/** A pattern of a selector or of `label_replace`, anchored at both ends. */
export interface AnchoredRegex {
  /** What `matches` costs at most for each character, in instructions; 0 where no engine is needed. */
  readonly cost: number;
  /** Whether all of a text matches. */
  readonly matches: (text: string) => boolean;
  /** The groups of a match, the whole first; null where the text does not match, undefined for a group without a part in it. */
  groups(text: string): AnchoredMatch | null;
}

export interface AnchoredMatch {
  /** By number. */
  readonly all: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | null>>;
}

/** Compiling costs more than matching; a dashboard asks the same patterns again and again. */
const CACHE_ENTRIES = 500;
/** Of a program in RE2's instructions: what a text of one character costs at most. `[a-z]{1000}` has about 1,000. */
const MAX_PROGRAM = 10_000;
const MAX_PATTERN = 10_000;
/** Values of labels repeat: from one query to the next, and from series to series. */
const REMEMBERED_VALUES = 2_000;

const cache = new Map<string, AnchoredRegex>();

/**
 * Go's RE2 syntax, as Prometheus has it: anchored, a dot also matches a line's end, no back-tracking, time linear in the text.
 *
 * @throws Error that says what is wrong with the pattern
 */
export function compileRegex(pattern: string): AnchoredRegex {
  const cached = cache.get(pattern);
  if (cached !== undefined) return cached;
  const compiled = compile(pattern);
  if (cache.size >= CACHE_ENTRIES) {
    const { value: oldest } = cache.keys().next();
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): AnchoredRegex {
  if (pattern.length > MAX_PATTERN) {
    throw new Error(`the regular expression is longer than ${MAX_PATTERN} characters`);
  }
  // Wrapped as Prometheus wraps it, so that `a)(b` means there and here the same.
  const regex = RE2JS.compile(`^(?s:${pattern})$`);
  if (regex.programSize() > MAX_PROGRAM) {
    throw new Error("the regular expression is too large: repeat less");
  }
  const simple = toSimpleTest(pattern);
  return {
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

/** What has no special meaning in any syntax of regular expressions. */
const PLAIN = String.raw`[\w\- :/@,;=~%&'"<>!#]`;
const ALTERNATIVES = new RegExp(`^${PLAIN}*(?:\\|${PLAIN}*)*$`);
const AROUND = new RegExp(`^(\\.[*+])?(${PLAIN}*)(\\.[*+])?$`);

/** The same answer without an engine, where the pattern is a text, a choice of texts, or a text with `.*` or `.+` around. */
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

/** `.+.+` asks for two characters; one outside the basic plane is two units long and one character. */
function isLongEnough(text: string, least: number): boolean {
  return least < 2 || [...text].length >= least;
}
