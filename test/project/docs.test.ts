import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  checkResults,
  insertResults,
  listUncovered,
  renderResult,
} from "../../scripts/docs/benchmarks.ts";
import { checkAttributes } from "../../scripts/docs/check-attributes.ts";
import { checkEndpoints } from "../../scripts/docs/check-endpoints.ts";
import { checkFiles } from "../../scripts/docs/check-files.ts";
import { checkFlags, readKnownFlags } from "../../scripts/docs/check-flags.ts";
import { checkLinks } from "../../scripts/docs/check-links.ts";
import { checkMetrics, readMetricNames } from "../../scripts/docs/check-metrics.ts";
import { checkSyntax } from "../../scripts/docs/check-syntax.ts";
import { compareJson, findPointer, updateJson } from "../../scripts/docs/compare-json.ts";
import { compareText, formatLike } from "../../scripts/docs/compare-text.ts";
import { listCommands } from "../../scripts/docs/commands.ts";
import { parsePage, type Block, type Page } from "../../scripts/docs/page.ts";
import { applyEdits } from "../../scripts/docs/edit.ts";
import { createPorts } from "../../scripts/docs/ports.ts";
import { stopGroup } from "../../scripts/docs/process-group.ts";
import { compare } from "../../scripts/docs/run-page.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PATHS = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md"], { cwd: ROOT });
const read = (path: string): Promise<string> => readFile(`${ROOT}${path}`, "utf8");
const PAGES = new Map(
  await Promise.all(PATHS.map(async (path) => [path, parsePage(path, await read(path))] as const)),
);
const README = "README.md";
const EXACT = { any: new Set<string>(), tolerance: 0 };

/** Returns a real page in which one string is changed by hand. */
async function change(path: string, before: string, after: string): Promise<Page> {
  const text = await read(path);
  expect(text).toContain(before);
  return parsePage(path, text.replace(before, after));
}

function blockOf(text: string): Block {
  const [block] = parsePage("page.md", text).blocks;
  if (block === undefined) throw new Error("Expected a block.");
  return block;
}

// `npm run test:docs` runs them on the whole of README.md and docs/.
describe("the checks of pages detect a change by hand", async () => {
  const flags = await readKnownFlags(ROOT);
  const metrics = readMetricNames(ROOT);
  const hasPath = async (_server: string, path: string): Promise<boolean> =>
    path !== "/predict/lots";

  it("of a flag in inline code and in a command", async () => {
    expect(checkFlags(await change(README, "Tepal", "Tepal"), flags, ROOT)).toEqual([]);
    const inline = await change(README, "`--ood-alpha 0.01`", "`--ood-alfa 0.01`");
    expect(checkFlags(inline, flags, ROOT)).toMatchObject([
      { path: README, message: "Flag --ood-alfa is not an option of any command." },
    ]);
    const command = await change(README, "--target quality", "--aim quality");
    expect(checkFlags(command, flags, ROOT)).toMatchObject([
      { message: "Flag --aim is not an option of tepal train." },
    ]);
    const other = await change(
      "docs/workers.md",
      "npm start -- --workers 4",
      "npm start -- --trees 4",
    );
    expect(checkFlags(other, flags, ROOT)).toMatchObject([
      { message: "Flag --trees is not an option of tepal up." },
    ]);
  });

  it("of a variable", async () => {
    const page = await change(
      "docs/options.md",
      "TEPAL_MAX_BATCH_ROWS=500",
      "TEPAL_BATCH_ROWS=500",
    );
    expect(checkFlags(page, flags, ROOT)).toMatchObject([
      { message: "Variable TEPAL_BATCH_ROWS is not declared." },
    ]);
  });

  it("of a metric in a query, in a URL and in inline code", async () => {
    const [url, query, inline] = await Promise.all([
      change(README, "api_request_latency_seconds_bucket", "api_request_latency_bucket"),
      change(
        "docs/tutorial/hands-on/05-requests.md",
        "rate(api_requests_total[1m])",
        "rate(api_request_total[1m])",
      ),
      change("docs/metrics.md", "`model_ood_p_value`", "`model_ood_pvalue`"),
    ]);
    const messages = [url, query, inline].map((page) => checkMetrics(page, metrics)[0]?.message);
    expect(messages).toEqual([
      "Metric api_request_latency_bucket is not declared.",
      "Metric api_request_total is not declared.",
      "Metric model_ood_pvalue is not declared.",
    ]);
  });

  it("of the syntax of a query", async () => {
    const page = await change(README, "[1m]))' -g", "[1m])' -g");
    expect(checkMetrics(page, metrics)[0]?.message).toContain("Invalid PromQL");
  });

  it("of a link, a heading and a file", async () => {
    const link = await change(README, "](docs/trust.md)", "](docs/thrust.md)");
    const heading = await change("docs/metrics.md", "](", "](#no-such-heading) [x](");
    expect(checkLinks(link, PAGES, ROOT)).toMatchObject([
      { message: "Link docs/thrust.md: docs/thrust.md does not exist." },
    ]);
    expect(checkLinks(heading, PAGES, ROOT)[0]?.message).toBe(
      "Link #no-such-heading: docs/metrics.md has no heading #no-such-heading.",
    );
    const file = await change(README, "@examples/iris/iris.csv", "@examples/iris/iris.tsv");
    expect(checkFiles(file, ROOT)).toMatchObject([
      { message: "examples/iris/iris.tsv does not exist in the repository." },
    ]);
  });

  it("of an endpoint", async () => {
    const page = await change(README, ":8000/predict/batch", ":8000/predict/lots");
    expect((await checkEndpoints(page, hasPath)).map(({ message }) => message)).toEqual([
      "Endpoint /predict/lots does not exist.",
    ]);
  });

  it("of JSON, and of an attribute", async () => {
    const json = await change(README, '"class_index": 0,', '"class_index": 0');
    expect(checkSyntax(json)[0]?.message).toContain("JSON:");
    const attribute = await change(README, "```json", "```json tolerence=1");
    expect(checkAttributes(attribute)[0]?.message).toBe("Unknown attribute tolerence.");
    expect(checkAttributes(await change(README, "```json", "```json not-run"))[0]?.message).toBe(
      'Expected a reason: not-run="…".',
    );
  });

  it("of a reply", async () => {
    const page = PAGES.get(README);
    const reply = page?.blocks.find(({ language }) => language === "json");
    if (reply === undefined) throw new Error("Expected a reply in README.md.");
    const output = reply.text.replace("a8b243406e564f0ebe67817c5265382a", "0".repeat(32));
    expect(output).not.toBe(reply.text);
    expect(compare(reply, output)).toBeUndefined();
    const changed = compare(reply, output.replace('"p_value": 1', '"p_value": 0.5'));
    expect(changed?.difference).toBe("/out_of_distribution/p_value: 1 is shown, the reply has 0.5");
    // What still holds stays, also the id.
    expect(changed?.update).toBe(reply.text.replace('"p_value": 1', '"p_value": 0.5'));
  });
});

describe("pages", () => {
  it("README is short, and the index lists every page of docs/", async () => {
    expect((await read(README)).split("\n").length).toBeLessThanOrEqual(180);
    const index = await read("docs/README.md");
    const missing = PATHS.filter(
      (page) => /^docs\/[^/]+\.md$/.test(page) && page !== "docs/README.md",
    )
      .map((page) => page.replace("docs/", ""))
      .filter((page) => !index.includes(`](${page})`));
    expect(missing).toEqual([]);
  });

  it("have blocks with attributes, also indented, adjacent ones, and values", () => {
    const page = parsePage(
      "page.md",
      [
        "1. Send:",
        "",
        '   ```sh exit=1 not-run="takes a minute"',
        "   curl x",
        "     --twice",
        "   ```",
        "",
        "   ```json any='id time'",
        "   1",
        "   ```",
        "",
        'Then `code` at <!-- value promql="up" tolerance=10% -->1.5<!-- /value --> Hz.',
        "",
        "````text",
        "```sh",
        "````",
      ].join("\n"),
    );
    expect(page.blocks.map(({ text, line, isAdjacent }) => [text, line, isAdjacent])).toEqual([
      ["curl x\n  --twice\n", 3, false],
      ["1\n", 8, true],
      ["```sh\n", 14, false],
    ]);
    expect([...(page.blocks[0]?.attributes ?? [])]).toEqual([
      ["exit", "1"],
      ["not-run", "takes a minute"],
    ]);
    expect(page.values.map(({ text, attributes }) => [text, ...attributes])).toEqual([
      ["1.5", ["promql", "up"], ["tolerance", "10%"]],
    ]);
    expect(page.spans).toEqual([{ text: "code", line: 12 }]);
  });
});

describe("commands", () => {
  it("are split at separators outside quotes, without variables and comments", () => {
    expect(
      listCommands(
        "A=1 curl -s 'a;b' \\\n  -d \"x|y\" | jq . # --not\nKEY=$(tepal keys add) && ls",
      ),
    ).toEqual([["curl", "-s", "a;b", "-d", "x|y"], ["jq", "."], ["tepal", "keys", "add"], ["ls"]]);
  });
});

describe("replies", () => {
  it("in JSON: an ellipsis stands for characters, members and elements", () => {
    const shown = { a: "at …", list: [1, "…"], "…": "…" };
    expect(compareJson(shown, { a: "at 12:00", list: [1, 2, 3], b: 1 }, EXACT)).toEqual([]);
    expect(compareJson(shown, { a: "in 12:00", list: [2] }, EXACT)).toEqual([
      '/a: "at …" is shown, the reply has "in 12:00"',
      "/list/0: 1 is shown, the reply has 2",
    ]);
    expect(compareJson({ a: 1 }, { a: 1, b: 2 }, EXACT)).toHaveLength(1);
    expect(compareJson([1], [1, 2], EXACT)).toHaveLength(1);
  });

  it("in JSON: a tolerance holds for numbers, and `any` for values of the same type", () => {
    const allowed = { any: new Set(["time"]), tolerance: 0.1 };
    expect(compareJson({ time: 1, n: 100 }, { time: 7, n: 109 }, allowed)).toEqual([]);
    expect(compareJson({ time: 1, n: 100 }, { time: "7", n: 111 }, allowed)).toHaveLength(2);
  });

  it("in JSON: an update keeps what is left out and what still holds", () => {
    const shown = { id: "a…", list: [1, "…"], n: 1, "…": "…" };
    expect(updateJson(shown, { id: "abc", list: [2, 3], n: 2, more: 1 }, EXACT)).toEqual({
      id: "a…",
      list: [2, "…"],
      n: 2,
      "…": "…",
    });
    expect(findPointer({ a: [{ b: 1 }] }, "/a/0/b")).toBe(1);
  });

  it("in text: an ellipsis stands for characters, and for lines", () => {
    expect(compareText("a … c\n…\nend\n", "a b c\nx\ny\nend\n", 0)).toBeUndefined();
    expect(compareText("a\n…\nend", "a\nend", 0)).toBeUndefined();
    expect(compareText("a\nb", "a\nc", 0)).toBe('"b" is shown, the output has "c"');
    expect(compareText("a", "a\nb", 0)).toContain("more lines than are shown");
    expect(compareText("a\nb", "a", 0)).toContain("no more lines");
  });

  it("in text: a tolerance holds for numbers", () => {
    expect(compareText("1,000 rows, p95 20 ms", "1,100 rows, p95 18.5 ms", 0.1)).toBeUndefined();
    expect(compareText("1,000 rows, p95 20 ms", "1,200 rows, p95 20 ms", 0.1)).toBeDefined();
    expect(compareText("10 rows", "10 lines", 0.5)).toBeDefined();
    expect(formatLike("33.5", 31.26)).toBe("31.3");
    expect(formatLike("1,687", 12_345.6)).toBe("12,346");
  });

  it("are rewritten at their place in the page", () => {
    const text = "a\n```json\n1\n```\nb\n";
    const { line, start, end } = blockOf(text);
    expect(applyEdits(text, [{ line, start, end, text: "2\n" }])).toBe("a\n```json\n2\n```\nb\n");
  });
});

describe("benchmarks", () => {
  it("are shown with their machine, and those without a result are listed", () => {
    const use = { busy: 0.25, load: 3 };
    const machine = { processor: "CPU", cores: 2, memoryGb: 4, system: "Linux x64", use };
    const result = {
      command: "npm run bench -- guard",
      date: "2026-01-02",
      node: "v26",
      machine,
      lines: ["1 ns"],
    };
    const text = renderResult(result);
    expect(text).toContain(
      "on 2026-01-02: CPU, 2 cores, 4 GB, Linux x64, Node.js v26; " +
        "not quiet: other processes used 25 % of the CPU before the run (load average 3.0).",
    );
    const render = (busy: number, others: number): string =>
      renderResult({ ...result, machine: { ...machine, use: { busy, others, load: 0.44 } } });
    expect(render(0.1, 0.014)).toContain(
      "; quiet: other processes used 1 % of the CPU, 10 % before the run (load average 0.4).",
    );
    expect(render(0, 0.25)).toContain("; not quiet: other processes used 25 % of the CPU, 0 %");
    const page = parsePage("page.md", "`npm run bench -- guard`, `npm run bench -- http`\n");
    expect(listUncovered([page], new Map([["guard", result]]))).toEqual(["http"]);
  });

  it("are inserted as blocks and as single numbers, and checked", () => {
    const machine = { processor: "CPU", cores: 2, memoryGb: 4, system: "Linux x64" };
    const result = {
      command: "npm run bench -- guard",
      date: "2026-01-02",
      node: "v26",
      machine: { ...machine, use: { busy: 0, load: 1 } },
      lines: ["knn 150 rows   1,700 ns", "means  0.42 of it"],
    };
    const results = new Map([["guard", result]]);
    const page = (block: string, ...numbers: readonly string[]): string =>
      [
        `<!-- bench guard -->${block}<!-- /bench guard -->`,
        "<!-- machine guard -->",
        "`npm run bench -- guard` on 2026-01-02: CPU, 2 cores, 4 GB, Linux x64, Node.js v26; quiet: other processes used 0 % of the CPU before the run (load average 1.0).",
        "<!-- /machine -->",
        `<!-- value bench="guard" after="knn 150 rows" -->${numbers[0]}<!-- /value --> ns`,
        `<!-- value bench="guard" after="means" scale="100" -->${numbers[1]}<!-- /value --> %`,
        `<!-- value bench="guard" number="2" -->${numbers[2]}<!-- /value -->`,
      ].join("\n");
    const inserted = insertResults("page.md", page("", "1,000", "0", "0.0"), results);
    expect(inserted).toContain("```text\nknn 150 rows   1,700 ns\nmeans  0.42 of it\n```");
    const block = inserted.slice("<!-- bench guard -->".length, inserted.indexOf("<!-- /bench"));
    expect(inserted).toBe(page(block, "1,700", "42", "1700.0"));
    expect(checkResults(parsePage("page.md", inserted), results)).toEqual([]);
    const changed = parsePage("page.md", page(block, "1,701", "42", "1700.0"));
    const line = inserted.split("\n").findIndex((each) => each.includes("1,700<")) + 1;
    expect(checkResults(changed, results)).toMatchObject([{ path: "page.md", line }]);
    const explained = "Between `<!-- bench NAME -->` and `<!-- /bench NAME -->`.";
    expect(insertResults("page.md", explained, results)).toBe(explained);
    expect(() => insertResults("page.md", page("", "1", "1", "1"), new Map())).toThrow(
      "bench/results/guard.json is missing",
    );
    const absent = page("", "1", "1", "1").replace('after="means"', 'after="median"');
    expect(() => insertResults("page.md", absent, results)).toThrow('no number 1 after "median"');
  });
});

describe("ports", () => {
  it("of pages are replaced in commands, and back in outputs", () => {
    const ports = createPorts(20_000);
    const mapped = ports.map("curl http://127.0.0.1:8089/x localhost:8099 HOST:8000 .listen(8099)");
    expect(mapped).toBe("curl http://127.0.0.1:20001/x localhost:20006 HOST:8000 .listen(20006)");
    expect(ports.unmap("at http://127.0.0.1:20001, 20001 rows")).toBe(
      "at http://127.0.0.1:8089, 20001 rows",
    );
  });
});

describe("a command that takes too long", () => {
  it("is killed with its children if they ignore SIGTERM", async () => {
    const child = spawn("sh", ["-c", "trap '' TERM; echo started; sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    await once(child.stdout, "data");
    // The pipe is open until the child of the shell has ended, too.
    const closed = once(child, "close");
    await stopGroup(child.pid!, 0);
    expect(await closed).toEqual([null, "SIGKILL"]);
  });
});
