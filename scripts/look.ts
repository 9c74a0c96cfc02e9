/**
 * Draws what Tepal ships for other programs, to look at it: `npm run look -- dashboards`. It records a quarter of an hour of two real
 * servers under traffic, errors, an overload, a drift and a restart, and draws the six Grafana dashboards with Grafana's own components.
 * `npm run look -- compare` draws panels with these components and with the console, from fixed data, and lists what differs.
 * `npm run look -- coverage FOLDER` lists what the console does not draw of the dashboards in a folder.
 *
 * `--again` draws the last recording, which takes half a minute; `--minutes N`, `--theme light`, `--only NAME`, `--out FOLDER` and
 * `--port N` (the first of ten free ports) change the rest. Requires Chromium, Prometheus, node-exporter and the registry of npm.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DASHBOARDS } from "../dashboards/grafana/grafana.ts";
import { compare } from "./look/compare/compare.ts";
import type { Difference } from "./look/compare/list-differences.ts";
import { printCoverage } from "./look/coverage.ts";
import { draw, launch } from "./look/draw.ts";
import { bundle, CACHE, install } from "./look/install.ts";
import { end, record, startPrometheus, stopScraping, type Recording } from "./look/record.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    again: { type: "boolean", default: false },
    minutes: { type: "string", default: "15" },
    theme: { type: "string", default: "dark" },
    only: { type: "string", multiple: true },
    out: { type: "string", default: join(CACHE, "pictures") },
    data: { type: "string", default: join(CACHE, "recording") },
    port: { type: "string", default: "9600" },
  },
});
const mode = values.theme === "light" ? "light" : "dark";
const [what, folder] = positionals;
if (what === "coverage" && folder !== undefined) {
  await printCoverage(folder);
  process.exit();
}
if (what !== "dashboards" && what !== "compare") {
  console.error(
    "Expected `npm run look -- dashboards`, `npm run look -- compare` or `npm run look -- coverage FOLDER`.",
  );
  process.exit(1);
}

await install();
const page = bundle();
if (what === "compare") {
  await using browser = await launch();
  const { only, out } = values;
  printDifferences(await compare({ browser, mode, page, only, out: join(out, mode) }));
  process.exit();
}
const port = Number(values.port);
const file = join(values.data, "recording.json");
if (!values.again || !existsSync(file)) {
  console.log(`recording ${values.minutes} minutes into ${values.data}`);
  const made = await record(values.data, Number(values.minutes), port);
  await writeFile(file, JSON.stringify(made));
}
const recording: Recording = JSON.parse(await readFile(file, "utf8"));
await mkdir(values.out, { recursive: true });
await stopScraping(values.data);
const prometheus = await startPrometheus(values.data, port);
const browser = await launch();
try {
  for (const { uid } of DASHBOARDS) {
    if (values.only !== undefined && !values.only.includes(uid)) continue;
    const picture = join(values.out, `${uid}.png`);
    const errors = await draw(
      browser,
      join(ROOT, `deploy/grafana/dashboards/${uid}.json`),
      picture,
      {
        url: `http://127.0.0.1:${port}`,
        recording,
        mode,
        page,
      },
    );
    for (const error of errors) console.error(`${uid}: ${error}`);
    if (errors.length > 0) process.exitCode = 1;
    console.log(`wrote ${picture}`);
  }
} finally {
  await browser.close();
  await end(prometheus);
}

/** Prints what differs. A difference without a reason is a failure. */
function printDifferences(all: readonly Difference[]): void {
  const unknown = all.filter(({ reason }) => reason === undefined);
  for (const { panel, part, grafana, console: ours } of unknown) {
    console.log(`${panel}, ${part}\n  Grafana: ${grafana}\n  console: ${ours}`);
  }
  for (const [reason, found] of Map.groupBy(all, (each) => each.reason)) {
    console.log(`${found.length} × ${reason ?? "without a known reason"}`);
  }
  if (unknown.length > 0) process.exitCode = 1;
}
