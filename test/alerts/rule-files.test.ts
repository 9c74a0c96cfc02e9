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

/** [file, place, message]: what Prometheus refuses too. */
const BROKEN: readonly (readonly [text: string, at: string, message: string | RegExp])[] = [
  ["groups: [", "f.yml, line 1", /Flow sequence/],
  ["groups: []\ngroups: []", "f.yml, line 2", "Map keys must be unique"],
  ["- a", "f.yml, line 1", "a rule file has fields: groups"],
  [
    "groups: [{name: g}]\nrules: []",
    "f.yml, line 2",
    'a rule file has no field "rules"; there are groups',
  ],
  ["groups: {}", "f.yml, line 1", '"groups" is a list'],
  ["groups: [{rules: []}]", "f.yml, group 1, line 1", "a group needs a name"],
  ["groups: [{name: g}, {name: g}]", 'f.yml, group "g", line 1', 'another group is called "g"'],
  [
    "groups: [{name: g, interval: 5}]",
    'f.yml, group "g", line 1',
    '"interval" is "5", which is no duration such as 30s or 1h30m',
  ],
  [
    "groups: [{name: g, limit: many}]",
    'f.yml, group "g", line 1',
    '"limit" is "many", which is no whole number',
  ],
  [rule("alert: A"), 'f.yml, group "g", rule 1 "A", line 1', 'a rule needs an expression: "expr"'],
  [
    rule("alert: A, record: a, expr: up"),
    'f.yml, group "g", rule 1 "A", line 1',
    'a rule has either "record" or "alert", not both',
  ],
  [rule("expr: up"), 'f.yml, group "g", rule 1, line 1', 'a rule needs "record" or "alert"'],
  [
    rule("alert: A, expr: up, sverity: x"),
    'f.yml, group "g", rule 1 "A", line 1',
    /^a rule has no field "sverity"; there are record, alert/,
  ],
  [
    rule("alert: A, expr: up, for: 1m30"),
    'f.yml, group "g", rule 1 "A", line 1',
    /^"for" is "1m30", which is no duration/,
  ],
  [
    rule("alert: A, expr: up, for: -1m"),
    'f.yml, group "g", rule 1 "A", line 1',
    /^"for" is "-1m", which is no duration/,
  ],
  [
    rule("alert: A, expr: up, keep_firing_for: soon"),
    'f.yml, group "g", rule 1 "A", line 1',
    /^"keep_firing_for" is "soon"/,
  ],
  [
    "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |-\n      sum(\n        up",
    'f.yml, group "g", rule 1 "A", line 5',
    /^the expression is not PromQL: 2:\d+: parse error/,
  ],
  [
    rule("record: a, expr: up, for: 1m"),
    'f.yml, group "g", rule 1 "a", line 1',
    'a recording rule has no "for"',
  ],
  [
    rule("record: a, expr: up, annotations: {b: c}"),
    'f.yml, group "g", rule 1 "a", line 1',
    'a recording rule has no "annotations"',
  ],
  [
    rule("record: a-b, expr: up"),
    'f.yml, group "g", rule 1 "a-b", line 1',
    '"a-b" is no name of a metric',
  ],
  [
    rule("alert: A, expr: up, labels: {a-b: c}"),
    'f.yml, group "g", rule 1 "A", line 1',
    '"a-b" is no name of a label',
  ],
  [
    rule("alert: A, expr: up, labels: {__name__: c}"),
    'f.yml, group "g", rule 1 "A", line 1',
    'a metric\'s name is no label: use "record"',
  ],
  [
    rule("alert: A, expr: up, annotations: {a-b: c}"),
    'f.yml, group "g", rule 1 "A", line 1',
    '"a-b" is no name of an annotation',
  ],
  [
    rule("alert: A, expr: up, labels: [a]"),
    'f.yml, group "g", rule 1 "A", line 1',
    '"labels" is a map of texts',
  ],
  [
    rule("alert: A, expr: up, labels: {a: [b]}"),
    'f.yml, group "g", rule 1 "A", line 1',
    '"labels" is a map of texts, and "a" is none',
  ],
  [
    "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations:\n      text: 'one\n\n        {{ nothing }}'",
    'f.yml, group "g", rule 1 "A", annotations text, template 2:4, line 6',
    'the function "nothing" is not known or not supported',
  ],
];

/** What only we refuse: nothing good would come of it. */
const STRICTER: readonly (readonly [text: string, at: string, message: string | RegExp])[] = [
  [
    "groups: []\n---\ngroups: []",
    "f.yml, line 2",
    "a second document begins here; one file has one",
  ],
  [
    rule('alert: A, expr: "up[5m]"'),
    'f.yml, group "g", rule 1 "A", line 1',
    "the expression gives a range selector, and a rule needs numbers",
  ],
];

describe("rule files", () => {
  it.each([...BROKEN, ...STRICTER])("are refused with the place: %s", (text, at, message) => {
    const { groups, problems } = parseRuleFile("f.yml", text);
    expect(groups).toEqual([]);
    expect(problems).toMatchObject([{ at, message: expect.stringMatching(message) as string }]);
  });

  it.runIf(hasProgram("promtool"))("are refused where promtool refuses them", async () => {
    await using folder = await createFolder();
    for (const [i, [text]] of BROKEN.entries()) {
      const file = `${folder.path}/${i}.yml`;
      await writeFile(file, text);
      const { status } = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
      expect(`${text} ${status}`).toBe(`${text} 1`);
    }
  });

  it("are read with all that they may have", () => {
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
              annotations: &texts
                summary: "{{ $value }}"
                nothing: ~
            - alert: B
              expr: *same
              annotations: *texts
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

  it("may not grow without end behind aliases", () => {
    const lines = ["groups:", "- name: g", "  rules: &r0 [{alert: A, expr: up}]"];
    const bomb = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`,
    );
    const { problems } = parseRuleFile("f.yml", ["a0: &a0 [x]", ...bomb, ...lines].join("\n"));
    expect(problems).toEqual([{ at: "f.yml", message: "more than 200000 values" }]);
  });

  it("are found by file, folder and pattern, each once", async () => {
    const groups = await loadRules([DEPLOYED, `${DEPLOYED}/*.yml`, `${DEPLOYED}/service.yml`]);
    const names = groups.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("service-long-windows");
    expect(groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(50);
  });

  it("are refused together, with every problem of every file", async () => {
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
    expect(String(error)).toContain("The rules have 4 problems:");
    expect(String(error)).toContain(
      `${folder.path}/rules/b.yaml, group "g", rule 1 "b", line 1: a rule needs an expression`,
    );
  });
});
