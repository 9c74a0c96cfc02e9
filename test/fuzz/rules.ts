import * as fc from "fast-check";
import { parseRuleFile } from "../../src/alerts/rules/parse-rule-file.ts";
import { TemplateError } from "../../src/alerts/templates/ast.ts";
import { FUNCTIONS } from "../../src/alerts/templates/functions.ts";
import { compileTemplate } from "../../src/alerts/templates/template.ts";
import { LabelMap, SampleValue } from "../../src/alerts/templates/values.ts";

/** Outcomes of the inputs of one run. */
interface RulesCount {
  /** Templates that were expanded, that failed to expand, and that were rejected. */
  expanded: number;
  failed: number;
  rejectedTemplates: number;
  /** Rule files that were read, and that were rejected. */
  read: number;
  rejectedFiles: number;
}

const MAX_SECONDS = 5;

const WORDS = [
  ...FUNCTIONS.keys(),
  "if",
  "else",
  "end",
  "range",
  "with",
  "break",
  "continue",
  "define",
  "nil",
  "true",
  ".",
  ".Labels",
  ".Value",
  "$",
  "$value",
  "$labels.a",
  "$x",
  "$x :=",
  "$i, $x :=",
  "(",
  ")",
  "|",
  ",",
  "1",
  "-5",
  "2.5",
  "1e308",
  "0x7f",
  "'a'",
  '"text"',
  "`raw`",
  '"%v %.2f %d|%q"',
  '"(a*)*b"',
  '"up"',
  "{{",
  "}}",
  "{{-",
  "-}}",
  "/*",
];

const expression = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 })
  .map((words) => words.join(" "));
/** Calls with about the expected number of arguments. */
const call = fc
  .tuple(
    fc.constantFrom(...FUNCTIONS),
    fc.array(
      fc.constantFrom(
        "1",
        "2.5",
        '"up"',
        "`a`",
        "$value",
        "$labels.a",
        ".Labels",
        "(query `up`)",
        "(query `up` | first)",
      ),
      { minLength: 4, maxLength: 4 },
    ),
  )
  .map(([[name, { minArgs }], args]) => [name, ...args.slice(0, Math.min(minArgs, 4))].join(" "));
const body = fc.oneof({ weight: 3, arbitrary: call }, { weight: 1, arbitrary: expression });
const template = fc
  .array(
    fc.oneof(
      body.map((text) => `{{ ${text} }}`),
      body.map((text) => `{{ if ${text} }}a{{ else }}b{{ end }}`),
      body.map((text) => `{{ range $i, $x := ${text} }}{{ $i }}{{ $x }}{{ end }}`),
      body.map((text) => `{{ with $x := ${text} -}} {{ . }}{{ end }}`),
      fc.string({ unit: "grapheme", maxLength: 8 }),
      fc.constantFrom("{{", "}}", "{{ end }}", "{{ range query `up` }}"),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(""));

const scalar = fc.oneof(
  fc.constantFrom(
    "up",
    "up == 0",
    "1m",
    "5",
    "0",
    "~",
    "",
    "x: y",
    "*a",
    "&a b",
    "{{ $value }}",
    "'",
    '"',
    "|-",
    "[",
    "{",
    "- a",
    "!!int 5",
    "!x y",
    "<<",
  ),
  fc.string({ maxLength: 6 }),
);
const field = fc.tuple(
  fc.constantFrom(
    "alert",
    "record",
    "expr",
    "for",
    "keep_firing_for",
    "labels",
    "annotations",
    "name",
    "interval",
    "limit",
    "rules",
    "groups",
  ),
  scalar,
);
const ruleFile = fc
  .tuple(fc.array(field, { maxLength: 5 }), fc.array(field, { maxLength: 3 }), fc.nat(6))
  .map(([rule, group, indent]) => {
    const lines = (fields: readonly (readonly [string, string])[], spaces: number): string =>
      fields.map(([name, value]) => `${" ".repeat(spaces)}${name}: ${value}\n`).join("");
    return `groups:\n- name: g\n${lines(group, 2)}  rules:\n  - alert: A\n    expr: up\n${lines(rule, indent)}`;
  });

/**
 * Compiles and expands templates, and reads rule files. Each input must give a string, groups, or an error with its location, within
 * seconds.
 *
 * @param runs number of inputs of each kind
 * @throws Error for an input that violates this
 */
export function fuzzRules(runs: number, seed = 1): RulesCount {
  const count: RulesCount = {
    expanded: 0,
    failed: 0,
    rejectedTemplates: 0,
    read: 0,
    rejectedFiles: 0,
  };
  const soon = (run: () => void): void => {
    const startMs = performance.now();
    run();
    const seconds = (performance.now() - startMs) / 1_000;
    if (seconds > MAX_SECONDS) throw new Error(`Took ${seconds} s`);
  };
  fc.assert(
    fc.property(template, fc.double(), (text, value) => soon(() => expand(text, value, count))),
    { numRuns: runs, seed },
  );
  fc.assert(
    fc.property(ruleFile, (text) => soon(() => readFile(text, count))),
    { numRuns: runs, seed },
  );
  return count;
}

function expand(text: string, value: number, count: RulesCount): void {
  let compiled: ReturnType<typeof compileTemplate>;
  try {
    compiled = compileTemplate(text);
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    if (thrown.at < 0 || thrown.at > text.length)
      throw new Error(`No position: ${thrown.message}`, { cause: thrown });
    count.rejectedTemplates += 1;
    return;
  }
  const labels = new LabelMap([
    ["a", "b"],
    ["job", "api"],
  ]);
  const samples = [1, 2].map((i) => new SampleValue(labels, i));
  try {
    const expanded = compiled.expand(
      { labels, externalLabels: new LabelMap(), value },
      { externalUrl: "http://host/p", timeMs: 1_500, query: () => samples },
    );
    if (typeof expanded !== "string" || expanded.length > 65_536)
      throw new Error("Expected a string");
    count.expanded += 1;
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    count.failed += 1;
  }
}

function readFile(text: string, count: RulesCount): void {
  const { groups, problems } = parseRuleFile("f.yml", text);
  if (problems.length > 0 && groups.length > 0) throw new Error("A rejected file has groups");
  if (problems.some(({ at, message }) => !at.startsWith("f.yml") || message === "")) {
    throw new Error(`A problem has no location: ${JSON.stringify(problems)}`);
  }
  if (problems.length > 0) count.rejectedFiles += 1;
  else count.read += 1;
}
