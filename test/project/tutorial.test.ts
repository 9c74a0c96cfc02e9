import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { describeDrawing, drawStall } from "../../scripts/tutorial/render-stall.ts";
import { PHASES, RESTART } from "../../scripts/lab/record.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): Promise<string> => readFile(`${ROOT}${path}`, "utf8");
const PART_ONE = await read("docs/tutorial/reading-the-files.md");
const GRAFANA = await read("docs/tutorial/understanding/grafana.md");

interface Service {
  readonly build?: unknown;
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly networks?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

/** Returns the section of a question, for example 1.3. */
function findAnswer(number: string): string {
  const [, answer = ""] = PART_ONE.split(`## ${number} `);
  return answer.split("\n## ")[0] ?? "";
}

/** Lists the words in backquotes. */
function listCode(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** Returns the integers in the first match of a pattern. */
function findNumbers(text: string, pattern: RegExp): readonly number[] {
  return (pattern.exec(text) ?? []).slice(1).map(Number);
}

describe("part one of the tutorial", () => {
  const compose = read("compose.yaml").then((text): Compose => parse(text, { merge: true }));

  it("1.1 names every service, and builds and connects them as Compose does", async () => {
    const services = Object.entries((await compose).services);
    const answer = findAnswer("1.1");
    for (const [name] of services) expect(listCode(answer)).toContain(name);
    const built = services.filter(([, { build }]) => build !== undefined).map(([name]) => name);
    expect(built).toEqual(["api"]);
    const sharing = services
      .filter(([, { image }]) => image === "${TEPAL_IMAGE:-tepal:local}")
      .map(([name]) => name);
    expect(sharing).toEqual(["init", "api", "loadtest"]);
    const apart = services.filter(([, { networks }]) => networks === undefined);
    expect(apart.map(([name]) => name)).toEqual(["init"]);
    const stages = (await read("Dockerfile")).match(/^FROM /gm);
    expect(answer).toContain("three stages");
    expect(stages).toHaveLength(3);
  });

  it("1.2 is right about ports, images and privileges", async () => {
    const services = Object.values((await compose).services);
    const ports = services.flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
    expect(services.filter((service) => service.read_only !== true)).toEqual([]);
    expect(services.filter(({ image = "latest" }) => image.includes("latest"))).toEqual([]);
    expect(JSON.stringify(await compose)).not.toContain("RATE_LIMIT");
  });

  it("1.3 is right about volumes", async () => {
    const { services } = await compose;
    const data = ["prometheus", "grafana", "alertmanager", "loadtest"].map((name) =>
      services[name]?.volumes?.filter((volume) => volume.startsWith(`${name}:`)),
    );
    expect(data.flat()).toEqual([
      "prometheus:/prometheus",
      "grafana:/var/lib/grafana",
      "alertmanager:/alertmanager",
      "loadtest:/data",
    ]);
    const retention = /RETENTION:-(\d+)d/.exec(await read("compose.yaml"))?.[1];
    expect(findAnswer("1.3")).toContain(`the last ${retention} days`);
  });

  it("1.6 explains every setting and job of prometheus.yml", async () => {
    const text = await read("deploy/prometheus/prometheus.yml");
    const config = parse(text) as {
      global: Record<string, string>;
      scrape_configs: { job_name: string }[];
    };
    const code = listCode(findAnswer("1.6"));
    for (const [name, value] of Object.entries(config.global)) {
      expect(code).toContain(`${name}: ${value}`);
    }
    for (const { job_name: job } of config.scrape_configs) {
      expect([...code, ...code.map((one) => one.replace("job_name: ", ""))]).toContain(job);
    }
  });

  it("1.7 counts the panels of the dashboard, and shows one of them", async () => {
    const dashboard = JSON.parse(await read("deploy/grafana/dashboards/tepal-overview.json")) as {
      panels: { type: string; title: string; description?: string; gridPos: object }[];
    };
    const rows = dashboard.panels.filter(({ type }) => type === "row").length;
    const counts = findNumbers(findAnswer("1.7"), /(\d+) parts: (\d+) panels in (\d+) rows/);
    expect(counts).toEqual([dashboard.panels.length, dashboard.panels.length - rows, rows]);
    const shown = JSON.parse(/```json[^\n]*\n([^`]+)```/.exec(findAnswer("1.7"))?.[1] ?? "{}");
    const panel = dashboard.panels.find(({ title }) => title === shown.title);
    const { type, title, description, gridPos } = shown;
    expect(panel).toMatchObject({ type, title, description, gridPos });
  });
});

describe("the drawings of the tutorial", async () => {
  const drawings = await Array.fromAsync(glob("docs/images/tutorial/*.svg", { cwd: ROOT }));
  const pages = await Array.fromAsync(glob("docs/tutorial/**/*.md", { cwd: ROOT }));
  const text = (await Promise.all(pages.map(read))).join("\n");

  it.each(drawings)("%s has a description, which its page repeats", async (path) => {
    const drawing = await read(path);
    const [, description = "missing"] = /<desc id="d">([^<]+)<\/desc>/.exec(drawing) ?? [];
    expect(drawing).toContain('role="img" aria-labelledby="t d"');
    expect(drawing).toContain("prefers-color-scheme:dark");
    expect(text).toContain(`![${description}](`);
    expect(text).toContain(path.replace("docs/images/", "images/"));
  });
});

it("counts the lines of the provisioning files", async () => {
  const folder = "deploy/grafana/provisioning";
  const files = ["datasources/prometheus.yml", "dashboards/tepal.yml"];
  const lines = await Promise.all(
    files.map(async (file) => (await read(`${folder}/${file}`)).trimEnd().split("\n").length),
  );
  expect(findNumbers(GRAFANA, /they have (\d+) and (\d+) lines/)).toEqual(lines);
});

it("states when the users of the lab's recording come and go, and when the server restarts", async () => {
  const lab = await read("docs/tutorial/lab.md");
  const minutes = 15;
  const toTime = (share: number): string => {
    const seconds = Math.round(share * minutes * 60);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  for (const { count, from, to } of PHASES) {
    expect(lab).toContain(`| ${toTime(from)} – ${toTime(to)} | ${count} `);
  }
  expect(lab).toContain(`| ${toTime(RESTART)} | The server stops`);
});

it("draws the stall of a benchmark, and describes it in the page", async () => {
  const machine = { processor: "", cores: 2, memoryGb: 1, system: "", use: { busy: 0, load: 0 } };
  const lines = [
    "closed: 9 requests, p50 1.2 ms, p95 20.0 ms, p99 99.6 ms, maximum 200 ms",
    "open: 9 requests, p50 2.0 ms, p95 1000.0 ms, p99 1500.0 ms, maximum 2000 ms",
  ];
  const result = { command: "", date: "", node: "", machine, lines };
  const drawing = drawStall(await read("docs/images/tutorial/coordinated-omission.svg"), result);
  const description =
    "Bars: in the closed model p50 is 1 ms, p95 20 ms, p99 100 ms. In the open model p50 is 2 ms, p95 1000 ms, p99 1500 ms.";
  expect(drawing).toContain(`<desc id="d">${description}</desc>`);
  const widths = [...drawing.matchAll(/<rect x="70" [^>]*width="(\d+)"/g)].map(
    ([, width]) => width,
  );
  expect(widths).toEqual(["1", "7", "33", "1", "330", "495"]);
  expect(drawing.match(/>(?:20|100|1,000|1,500)<\/text>/g)).toHaveLength(4);
  expect(drawStall(drawing, result)).toBe(drawing);
  const page = describeDrawing(await read("docs/tutorial/understanding/load-tests.md"), result);
  expect(page).toContain(`![${description}](`);
});
