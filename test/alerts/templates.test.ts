import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { TemplateError } from "../../src/alerts/templates/ast.ts";
import { LabelMap, SampleValue } from "../../src/alerts/templates/values.ts";
import { compileTemplate } from "../../src/alerts/templates/template.ts";
import { createEngine, createLabels, createMemoryStore } from "../../src/promql/index.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";
import { BROKEN_TEMPLATES, FAILING_TEMPLATES, TEMPLATE_CASES } from "./template-cases.ts";

const LABELS = { job: "api", instance: "host.example:8000", path: "/a b" };
const OTHERS = { a: 3, b: 1, c: 2 };
const CASES = TEMPLATE_CASES.flatMap(({ value, templates }) =>
  templates.map((template) => ({ value, template })),
);
const TIME_MS = 60_000;
const engine = createEngine();

function expand(template: string, value: number): string {
  const store = createMemoryStore();
  const times = Float64Array.of(TIME_MS);
  store.add(createLabels({ __name__: "up", ...LABELS }), times, Float64Array.of(1));
  for (const [n, one] of Object.entries(OTHERS)) {
    store.add(createLabels({ __name__: "other", n }), times, Float64Array.of(one));
  }
  return compileTemplate(template).expand(
    { labels: new Map(Object.entries(LABELS)), externalLabels: new Map(), value },
    {
      externalUrl: "",
      timeMs: TIME_MS,
      query(promql) {
        const result = engine.queryInstant(store, promql, TIME_MS).value;
        if (result.type !== "vector") throw new Error(result.type);
        return result.samples.map(
          ({ labels, value: one }) => new SampleValue(new LabelMap(labels), one),
        );
      },
    },
  );
}

/** Runs promtool with one alert per template, named by its index. */
async function runPromtool(
  cases: readonly { value: number; template: string; expected: string }[],
) {
  await using folder = await createFolder();
  const file = `${folder.path}/tests.yml`;
  const rules = cases.map(({ value, template }, i) => ({
    alert: `A${i}`,
    // A product, so that the exact number reaches the template.
    expr: `up * ${value}`,
    annotations: { text: template },
  }));
  await writeFile(
    `${folder.path}/rules.yml`,
    JSON.stringify({ groups: [{ name: "templates", rules }] }),
  );
  const labels = Object.entries(LABELS).map(([name, text]) => `${name}="${text}"`);
  const input_series = [
    { series: `up{${labels}}`, values: "1x4" },
    ...Object.entries(OTHERS).map(([n, value]) => ({
      series: `other{n="${n}"}`,
      values: `${value}x4`,
    })),
  ];
  const alert_rule_test = cases.map(({ expected }, i) => ({
    eval_time: "1m",
    alertname: `A${i}`,
    exp_alerts: [{ exp_labels: LABELS, exp_annotations: { text: expected } }],
  }));
  await writeFile(
    file,
    JSON.stringify({
      rule_files: ["rules.yml"],
      tests: [{ interval: "1m", input_series, alert_rule_test }],
    }),
  );
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  return { status, output: stdout + stderr };
}

describe.runIf(hasProgram("promtool"))("templates, compared with promtool", () => {
  it("expand to the same strings", async () => {
    const cases = CASES.map(({ value, template }) => ({
      value,
      template,
      expected: expand(template, value),
    }));
    const { status, output } = await runPromtool(cases);
    const wrong = [...output.matchAll(/alertname: A(\d+), [^]*?got:\[([^]*?)\n +\]/g)].map(
      ([, i, got = ""]) => ({ ...cases[Number(i)], got: /Annotations:\{(.*)\}/s.exec(got)?.[1] }),
    );
    expect(wrong).toEqual([]);
    expect(output).toContain("SUCCESS");
    expect(status).toBe(0);
  });

  it("fail to expand where they fail in promtool", async () => {
    const cases = FAILING_TEMPLATES.map((template) => ({ value: 42.5, template, expected: "" }));
    const { output } = await runPromtool(cases);
    for (const [i, { template, value }] of cases.entries()) {
      const got = new RegExp(`alertname: A${i}, [^]*?got:\\[([^]*?)\\n +\\]`).exec(output)?.[1];
      expect(`${template} ${got}`).toContain("<error expanding template");
      expect(catchError(() => expand(template, value))).toBeInstanceOf(Error);
    }
  });

  it("are rejected when loaded where promtool rejects them", async () => {
    const cases = BROKEN_TEMPLATES.map((template) => ({ value: 1, template, expected: "" }));
    const { output } = await runPromtool(cases);
    for (const [i, { template }] of cases.entries()) {
      expect(output).toContain(`"A${i}": annotation "text": template`);
      expect(catchError(() => compileTemplate(template))).toBeInstanceOf(TemplateError);
    }
  });
});

describe("templates", () => {
  it.each([
    ["a {{ nothing 1 }}", 5, 'function "nothing" not defined or not supported'],
    ["{{ define `x` }}{{ end }}", 3, "{{define}} is not supported; write its content inline"],
    [
      "{{ .Lables.job }}",
      3,
      "unknown field .Lables; expected one of: .Labels, .ExternalLabels, .ExternalURL, .Value",
    ],
    [
      "{{ $ }}{{ $.Foo }}",
      10,
      "unknown field .Foo; expected one of: .Labels, .ExternalLabels, .ExternalURL, .Value",
    ],
    ["{{ 1 2 }}", 5, "cannot give argument to non-function"],
    ["{{ $value | }}", 12, "missing value for command"],
    ["{{ humanize }}", 3, "wrong number of args for humanize: expected 1, got 0"],
    ["{{ $value | label }}", 12, "wrong number of args for label: expected 2, got 1"],
    ['{{ printf "%*d" 1 2 }}', 3, 'printf does not support "%*"'],
    ['{{ printf "%99999d" 1 }}', 3, 'width or precision of "%99999d" exceeds 1000'],
    [`${"{{ if 1 }}".repeat(101)}`, 1_003, "exceeded limit of 100 levels"],
  ])("report the position of an error: %.30s", (template, at, message) => {
    const error = catchError(() => compileTemplate(template));
    expect(error).toMatchObject({ at, message });
  });

  it("have access to the server's URL, labels and time", () => {
    const text =
      "{{ externalURL }} {{ .ExternalURL }} {{ pathPrefix }} {{ $externalLabels.region }} {{ now }}";
    const expanded = compileTemplate(text).expand(
      { labels: new Map(), externalLabels: new Map([["region", "here"]]), value: 1 },
      { externalUrl: "http://host:8000/prometheus", timeMs: 1_500, query: () => [] },
    );
    expect(expanded).toBe(
      "http://host:8000/prometheus http://host:8000/prometheus /prometheus here 1.5",
    );
  });

  it("stop at limits of steps and output", () => {
    const loop = (body: string): string =>
      "{{ range query `other` }}".repeat(20) + body + "{{ end }}".repeat(20);
    expect(() => expand(loop(""), 1)).toThrow("exceeded limit of 100000 steps");
    expect(() => expand(loop("x"), 1)).toThrow("exceeded limit of 65536 characters");
    expect(() => expand("{{ printf `%1000d` 1 }}".repeat(70), 1)).toThrow(
      "exceeded limit of 65536 characters",
    );
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return "no error";
}
