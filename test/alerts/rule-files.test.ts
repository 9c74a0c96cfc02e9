import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadRules } from "../../src/alerts/rules/load-rules.ts";
import { parseRuleFile } from "../../src/alerts/rules/parse-rule-file.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";

const DEPLOYED = fileURLToPath(new URL("../../deploy/prometheus/rules", import.meta.url));

const rule = (fields: string): string => `groups: [{name: g, rules: [{${fields}}]}]`;

/** Files that Prometheus rejects too. */
const BROKEN: readonly (readonly [content: string, at: string, message: string | RegExp])[] = [
  ["groups: [", "f.yml:1", /Flow sequence/],
  ["groups: []\ngroups: []", "f.yml:2", "Map keys must be unique"],
  ["- a", "f.yml:1", 'Expected a mapping with the fields groups, got ["a"].'],
  ["groups: [{name: g}]\nrules: []", "f.yml:2, rules", "Unknown field. Expected one of: groups."],
  ["groups: {}", "f.yml:1, groups", "Expected a list, got {}."],
  ["groups: [{rules: []}]", "f.yml:1, group 1", "Groupname must not be empty."],
  [
    "groups: [{name: g}, {name: g}]",
    'f.yml:1, group "g"',
    'groupname: "g" is repeated in the same file.',
  ],
  [
    "groups: [{name: g, interval: 5}]",
    'f.yml:1, group "g", interval',
    'Expected a duration, for example 90s, 10m or 1h30m, got "5".',
  ],
  [
    "groups: [{name: g, limit: many}]",
    'f.yml:1, group "g", limit',
    'Expected an integer ≥ 0, got "many".',
  ],
  [rule("alert: A"), 'f.yml:1, group "g", rule 1 "A"', "Field 'expr' must be set in rule."],
  [
    rule("alert: A, record: a, expr: up"),
    'f.yml:1, group "g", rule 1 "A"',
    "Only one of 'record' and 'alert' must be set.",
  ],
  [rule("expr: up"), 'f.yml:1, group "g", rule 1', "One of 'record' or 'alert' must be set."],
  [
    rule("alert: A, expr: up, sverity: x"),
    'f.yml:1, group "g", rule 1 "A", sverity',
    /^Unknown field\. Expected one of: record, alert/,
  ],
  [
    rule("alert: A, expr: up, annotation: {x: y}"),
    'f.yml:1, group "g", rule 1 "A", annotation',
    'Unknown field. Did you mean "annotations"?',
  ],
  [
    rule("alert: A, expr: up, for: 1m30"),
    'f.yml:1, group "g", rule 1 "A", for',
    /^Expected a duration, .* got "1m30"\.$/,
  ],
  [
    rule("alert: A, expr: up, for: -1m"),
    'f.yml:1, group "g", rule 1 "A", for',
    /^Expected a duration, .* got "-1m"\.$/,
  ],
  [
    rule("alert: A, expr: up, keep_firing_for: soon"),
    'f.yml:1, group "g", rule 1 "A", keep_firing_for',
    /^Expected a duration, .* got "soon"\.$/,
  ],
  [
    "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |-\n      sum(\n        up",
    'f.yml:5, group "g", rule 1 "A", expr',
    /^Could not parse expression: 2:\d+: parse error/,
  ],
  [
    rule("record: a, expr: up, for: 1m"),
    'f.yml:1, group "g", rule 1 "a"',
    "Invalid field 'for' in recording rule.",
  ],
  [
    rule("record: a, expr: up, annotations: {b: c}"),
    'f.yml:1, group "g", rule 1 "a"',
    "Invalid field 'annotations' in recording rule.",
  ],
  [
    rule("record: a-b, expr: up"),
    'f.yml:1, group "g", rule 1 "a-b"',
    "Invalid recording rule name: a-b.",
  ],
  [
    rule("alert: A, expr: up, labels: {a-b: c}"),
    'f.yml:1, group "g", rule 1 "A", labels',
    "Invalid label name: a-b.",
  ],
  [
    rule("alert: A, expr: up, labels: {__name__: c}"),
    'f.yml:1, group "g", rule 1 "A", labels',
    "Invalid label name: __name__. Set the metric name with 'record'.",
  ],
  [
    rule("alert: A, expr: up, annotations: {a-b: c}"),
    'f.yml:1, group "g", rule 1 "A", annotations',
    "Invalid annotation name: a-b.",
  ],
  [
    rule("alert: A, expr: up, labels: [a]"),
    'f.yml:1, group "g", rule 1 "A", labels',
    'Expected a mapping of strings, got ["a"].',
  ],
  [
    rule("alert: A, expr: up, labels: {a: [b]}"),
    'f.yml:1, group "g", rule 1 "A", labels a',
    'Expected a string, got ["b"].',
  ],
  [
    "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n      text: 'one\n\n        {{ nothing }}'",
    'f.yml:6, group "g", rule 1 "A", annotations text, template 2:4',
    'Could not parse template: function "nothing" not defined or not supported',
  ],
];

/** Files that only Tepal rejects. */
const STRICTER: readonly (readonly [content: string, at: string, message: string | RegExp])[] = [
  ["groups: []\n---\ngroups: []", "f.yml:2", "Expected one YAML document, got a second one."],
  [
    rule('alert: A, expr: "up[5m]"'),
    'f.yml:1, group "g", rule 1 "A", expr',
    "Expected an instant vector or a scalar, got a range selector.",
  ],
];

describe("rule files", () => {
  it.each([...BROKEN, ...STRICTER])(
    "are rejected with the location: %s",
    (content, at, message) => {
      const { groups, problems } = parseRuleFile("f.yml", content);
      expect(groups).toEqual([]);
      const expected =
        typeof message === "string"
          ? expect.stringContaining(message)
          : expect.stringMatching(message);
      expect(problems).toEqual([{ at, message: expected }]);
    },
  );

  it.runIf(hasProgram("promtool"))("are rejected where promtool rejects them", async () => {
    await using folder = await createFolder();
    for (const [i, [text]] of BROKEN.entries()) {
      const file = `${folder.path}/${i}.yml`;
      await writeFile(file, text);
      const { status } = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
      expect(`${text} ${status}`).toBe(`${text} 1`);
    }
  });

  it("are read with every field", () => {
    const text = `
      groups:
        - name: all
          interval: 1m30s
          query_offset: 10s
          limit: 5
          labels: {team: a, tier: "1"}
          rules:
            - record: a:b:c
              expr: 1
              labels: {tier: 2, empty: }
            - alert: A
              expr: &same up == 0
              for: 0
              keep_firing_for: 1d
              labels:
                severity: page
              annotations: &strings
                summary: "{{ $value }}"
                nothing: ~
            - alert: B
              expr: *same
              annotations: *strings
        - name: none
        - name: another
          rules: null
    `;
    const { groups, problems } = parseRuleFile("f.yml", text);
    expect(problems).toEqual([]);
    expect(groups).toMatchObject([
      {
        name: "all",
        intervalMs: 90_000,
        queryOffsetMs: 10_000,
        limit: 5,
        rules: [
          { type: "recording", name: "a:b:c", query: "1" },
          { type: "alerting", name: "A", query: "up == 0", forMs: 0, keepFiringForMs: 86_400_000 },
          { type: "alerting", name: "B", query: "up == 0" },
        ],
      },
      { name: "none", intervalMs: undefined, rules: [] },
      { name: "another", rules: [] },
    ]);
    const [recorded, alert, same] = groups[0]?.rules ?? [];
    expect(Object.fromEntries(recorded?.labels ?? [])).toEqual({ team: "a", tier: "2", empty: "" });
    expect(Object.fromEntries(alert?.labels ?? [])).toEqual({
      team: "a",
      tier: "1",
      severity: "page",
    });
    expect(same).toMatchObject({
      annotations: new Map([
        ["summary", "{{ $value }}"],
        ["nothing", ""],
      ]),
    });
  });

  it.each(["", "# nothing", "groups:", "groups: []"])("may be empty: %j", (text) => {
    expect(parseRuleFile("f.yml", text)).toEqual({ groups: [], problems: [] });
  });

  it("have a maximum number of values behind aliases", () => {
    const lines = ["groups:", "- name: g", "  rules: &r0 [{alert: A, expr: up}]"];
    const bomb = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`,
    );
    const { problems } = parseRuleFile("f.yml", ["a0: &a0 [x]", ...bomb, ...lines].join("\n"));
    expect(problems).toEqual([{ at: "f.yml", message: "Expected at most 200000 values." }]);
  });

  it("are found by file, folder and pattern, each once", async () => {
    const groups = await loadRules([DEPLOYED, `${DEPLOYED}/*.yml`, `${DEPLOYED}/service.yml`]);
    const names = groups.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("service-long-windows");
    expect(groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(50);
  });

  it("are rejected together, with every problem of every file", async () => {
    await using folder = await createFolder();
    await mkdir(`${folder.path}/rules`);
    await writeFile(`${folder.path}/rules/a.yml`, rule("alert: A, expr: up, for: x, color: red"));
    await writeFile(`${folder.path}/rules/b.yaml`, rule("record: b"));
    await writeFile(`${folder.path}/rules/c.txt`, "not a rule file");
    const error: unknown = await loadRules([`${folder.path}/rules`, `${folder.path}/none`]).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TepalError);
    expect(error).toMatchObject({ code: "INVALID_RULES", problems: { length: 4 } });
    expect(String(error)).toContain("Invalid rule files, 4 problems:");
    expect(String(error)).toContain(
      `${folder.path}/rules/b.yaml:1, group "g", rule 1 "b": Field 'expr' must be set in rule.`,
    );
  });
});
