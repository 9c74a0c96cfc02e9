import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Plugin } from "vite";
import type { LabContent } from "./lab-content.ts";
import type { Recording } from "./recording.ts";
import { readExercises } from "./read-exercises.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = join(import.meta.dirname, "index.html");
const EXERCISES = join(ROOT, "docs/tutorial/lab.md");
/** The module whose content the plugin fills in. */
const CONTENT = join(import.meta.dirname, "../src/lab/content.ts");
/** The dashboards whose metrics a recording has. */
export const LAB_DASHBOARDS = [
  "tepal-overview",
  "tepal-latency",
  "tepal-model",
  "tepal-requests",
] as const;

/** Puts the recording, the dashboards and the exercises into the lab, and writes its page. */
export function createLabPlugin(labContent: LabContent): Plugin {
  let isFilled = false;
  return {
    name: "lab",
    load(id) {
      if (id !== CONTENT) return undefined;
      isFilled = true;
      const content = JSON.stringify(labContent);
      // Browsers parse JSON in a string faster than an object literal.
      const code = `export const CONTENT = JSON.parse(${JSON.stringify(content)});`;
      return { code, moduleType: "js" };
    },
    generateBundle(_options, bundle) {
      const script = bundle["lab.js"];
      if (script?.type !== "chunk") throw new Error("Expected the script lab.js.");
      // The page starts its worker from the function's own text (`console/src/lab/main.tsx`).
      script.code = `function runTepalLab(){${script.code}\n}\nrunTepalLab();\n`;
      // Otherwise the lab would be empty.
      if (!isFilled) throw new Error(`Expected the module ${CONTENT} in the lab.`);
      this.emitFile({ type: "asset", fileName: "index.html", source: readFileSync(PAGE) });
    },
  };
}

/** Reads the recording, the dashboards and the exercises. */
export function readContent(): LabContent {
  const recording = readRecorded<Recording>("recording");
  return {
    recording,
    dashboards: Object.fromEntries(
      LAB_DASHBOARDS.map((name) => [name, readDashboard(name, recording)]),
    ),
    exercises: readExercises(readFileSync(EXERCISES, "utf8")),
  };
}

/** Reads a file that `scripts/record-lab.ts` wrote. */
export function readRecorded<T>(name: "recording" | "replies"): T {
  const file = join(import.meta.dirname, `${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as T;
}

function readDashboard(name: string, recording: Recording): object {
  return withRange(JSON.parse(readDashboardText(name)), recording);
}

/** Returns a dashboard with the time range of the recording. */
export function withRange(json: object, { startMs, endMs }: Recording): object {
  const minutes = Math.round((endMs - startMs) / 60_000);
  return { ...json, time: { from: `now-${minutes}m`, to: "now" }, refresh: "" };
}

/** Returns the JSON of a dashboard of the package. */
export function readDashboardText(name: string): string {
  return readFileSync(join(ROOT, `deploy/grafana/dashboards/${name}.json`), "utf8");
}
