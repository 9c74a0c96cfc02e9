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

/** What promtool says of alerts with these texts: one for each, named after its number. */
async function askPromtool(
  cases: readonly { value: number; template: string; expected: string }[],
) {
  await using folder = await createFolder();
  const file = `${folder.path}/tests.yml`;
  const rules = cases.map(({ value, template }, i) => ({
    alert: `A${i}`,
    // Not the number itself in the query: it must come to the template as it is.
    expr: `up * ${value}`,
    annotations: { text: template },
  }));
  await writeFile(
    `${folder.path}/rules.yml`,
    JSON.stringify({ groups: [{ name: "texts", rules }] }),
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

describe.runIf(hasProgram("promtool"))("templates, beside promtool", () => {
  it("say the same", async () => {
    const cases = CASES.map(({ value, template }) => ({
      value,
      template,
      expected: expand(template, value),
    }));
    const { status, output } = await askPromtool(cases);
    const wrong = [...output.matchAll(/alertname: A(\d+), [^]*?got:\[([^]*?)\n +\]/g)].map(
      ([, i, got = ""]) => ({ ...cases[Number(i)], got: /Annotations:\{(.*)\}/s.exec(got)?.[1] }),
    );
    expect(wrong).toEqual([]);
    expect(output).toContain("SUCCESS");
    expect(status).toBe(0);
  });

  it("cannot be expanded where they cannot there", async () => {
    const cases = FAILING_TEMPLATES.map((template) => ({ value: 42.5, template, expected: "" }));
    const { output } = await askPromtool(cases);
    for (const [i, { template, value }] of cases.entries()) {
      const got = new RegExp(`alertname: A${i}, [^]*?got:\\[([^]*?)\\n +\\]`).exec(output)?.[1];
      expect(`${template} ${got}`).toContain("<error expanding template");
      expect(catchError(() => expand(template, value))).toBeInstanceOf(Error);
    }
  });

  it("are refused when they are loaded where they are there", async () => {
    const cases = BROKEN_TEMPLATES.map((template) => ({ value: 1, template, expected: "" }));
    const { output } = await askPromtool(cases);
    for (const [i, { template }] of cases.entries()) {
      expect(output).toContain(`"A${i}": annotation "text": template`);
      expect(catchError(() => compileTemplate(template))).toBeInstanceOf(TemplateError);
    }
  });
});

describe("templates", () => {
  it.each([
    ["a {{ nothing 1 }}", 5, 'the function "nothing" is not known or not supported'],
    [
      "{{ define `x` }}{{ end }}",
      3,
      "{{ define }} is not supported; write its text where it is used",
    ],
    [
      "{{ .Lables.job }}",
      3,
      "there is no .Lables; there are .Labels, .ExternalLabels, .ExternalURL, .Value",
    ],
    [
      "{{ $ }}{{ $.Foo }}",
      10,
      "there is no .Foo; there are .Labels, .ExternalLabels, .ExternalURL, .Value",
    ],
    ["{{ 1 2 }}", 5, "arguments behind what is not a function"],
    ["{{ $value | }}", 12, "something is missing before }}"],
    ["{{ humanize }}", 3, "humanize takes 1 arguments and is given 0"],
    ["{{ $value | label }}", 12, "label takes 2 arguments and is given 1"],
    ['{{ printf "%*d" 1 2 }}', 3, 'printf does not support "%*"'],
    ['{{ printf "%99999d" 1 }}', 3, '"%99999d" is wider than 1000'],
    [`${"{{ if 1 }}".repeat(101)}`, 1_003, "more than 100 levels"],
  ])("say where they are wrong: %.30s", (template, at, message) => {
    const error = catchError(() => compileTemplate(template));
    expect(error).toMatchObject({ at, message });
  });

  it("give what only the server knows", () => {
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

  it("end, however much they would write", () => {
    const loops = "{{ range query `other` }}".repeat(20) + "x" + "{{ end }}".repeat(20);
    expect(() => expand(loops, 1)).toThrow(/more than 100000 steps|longer than 65536/);
    expect(() => expand("{{ printf `%1000d` 1 }}".repeat(70), 1)).toThrow("longer than 65536");
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return "nothing was thrown";
}
