import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFileOutput } from "../../src/scoring/score-output.ts";
import type { ScoreRequest } from "../../src/scoring/scoring.ts";
import { SERVING_OPTIONS } from "../../src/serving/options.ts";
import { readVersion } from "../../src/version.ts";
import { runCli, startCli, waitForOutput, type Run, type Running } from "../support/cli.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import {
  copyIris,
  importNullable,
  MAHALANOBIS_ROWS,
  IRIS,
  IRIS_CSV,
  PLANE_CSV,
  toIrisObject,
  trainIris,
} from "../support/models.ts";
import { createTestPredictor, streamRows } from "../support/predictors.ts";

const KILLED_RUN = fileURLToPath(new URL("killed-run.ts", import.meta.url));
const HEADER = "sepal_length,sepal_width,petal_length,petal_width\n";
const GOOD = "5.1,3.5,1.4,0.2\n";

let folder: TemporaryFolder;
/** Output of the row stream for Iris. */
let csv: string;
let ndjson: string;
beforeAll(async () => {
  folder = await createFolder();
  await copyIris(join(folder.path, "models"));
  const { predictor } = await createTestPredictor();
  csv = streamRows(predictor, [IRIS_CSV], { output: "csv" });
  ndjson = streamRows(predictor, [IRIS_CSV], { output: "ndjson" });
  await write("iris.csv", IRIS_CSV);
});
afterAll(() => folder[Symbol.asyncDispose]());

const at = (name: string): string => join(folder.path, name);
const read = (name: string): Promise<string> => readFile(at(name), "utf8");
const write = (name: string, text: string | Buffer): Promise<void> => writeFile(at(name), text);
const score = (...words: string[]): Promise<Run> =>
  runCli(["score", "--jobs", "1", ...words], folder.path);

describe("tepal score", () => {
  it("writes one line for each row to standard output, and nothing else", async () => {
    const { code, stdout, stderr } = await score("iris.csv", "--jobs", "3");
    expect(code).toBe(0);
    expect(stdout).toBe(csv);
    expect(stderr).toContain(
      "warning: ignoring columns that are not features of iris version 1: species",
    );
    expect(stderr).toContain("150 rows: 0 bad, 0 unlike the training data");
    expect(stderr).toContain("with iris version 1.");
  });

  it("detects format and compression by extension, and takes the format from a flag", async () => {
    const lines = IRIS.map(({ row }) => JSON.stringify(toIrisObject(row))).join("\n");
    await write("rows.jsonl", lines);
    await write("rows.txt", IRIS_CSV.replaceAll(",", ";"));
    await write("a.csv.gz", gzipSync(IRIS_CSV));
    await write("b.ndjson.br", brotliCompressSync(lines));
    await write("c.csv.zst", zstdCompressSync(IRIS_CSV));
    expect((await score("rows.jsonl")).stdout).toBe(ndjson);
    const asCsv = (await score("rows.jsonl", "--output-format", "csv")).stdout;
    // Line numbers differ: this file has no header.
    expect(asCsv.replaceAll(/^\d+/gm, "")).toBe(csv.replaceAll(/^\d+/gm, ""));
    const explicit = ["rows.txt", "--input-format", "csv", "--delimiter", ";", "--jobs", "1"];
    expect((await score(...explicit)).stdout).toBe(csv);
    expect((await score("a.csv.gz", "--out", "a.ndjson")).code).toBe(0);
    expect(await read("a.ndjson")).toBe(ndjson);
    expect((await score("b.ndjson.br")).stdout).toBe(ndjson);
    expect((await score("c.csv.zst")).stdout).toBe(csv);
    expect(await score("rows.txt")).toMatchObject({ code: 2, stdout: "" });
  });

  it("takes the folder's default model, and names the model in every message", async () => {
    await using own = await createFolder();
    const models = join(own.path, "models");
    await copyIris(models);
    const data = { name: "plane.csv", text: PLANE_CSV };
    await trainIris(models, { name: "apple", data, target: "y", units: {}, trees: 4 });
    const run = (...words: readonly string[]): Promise<Run> =>
      score("iris.csv", "--models", models, "--jobs", "1", ...words);
    expect(await run()).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("with iris version 1."),
    });
    const other = await run("--model", "apple");
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("tepal: Model apple version 1: The CSV header does not match");
    await rm(join(models, "default.json"));
    const ambiguous = await run();
    expect(ambiguous.code).toBe(1);
    expect(ambiguous.stderr).toMatch(
      /^warning: The default model is ambiguous: apple, .*Models: apple, iris\. Choose one with --model NAME/,
    );
    await writeFile(join(models, "iris", "1", "golden.json"), "{}");
    const damaged = await run("--model", "iris");
    expect(damaged.stderr).toContain(`tepal: Model ${models}/iris/1: Invalid golden.json`);
  });

  it("exits with 3 after bad rows, and continues or stops according to --on-bad-row", async () => {
    await write("bad.csv", `${HEADER}${GOOD}x,1,1,1\n${GOOD}`);
    const skipped = await score("bad.csv", "--out", "bad-out.csv");
    expect(skipped.code).toBe(3);
    expect(skipped.stderr).toContain("3 rows: 1 bad");
    expect((await read("bad-out.csv")).trim().split("\n")).toHaveLength(4);
    const stopped = await score("bad.csv", "--on-bad-row", "stop");
    expect(stopped.code).toBe(3);
    expect(stopped.stdout.trim().split("\n")).toHaveLength(3);
    expect(stopped.stdout).toContain(
      '\n3,,,,,,,,,,"1 invalid value: sepal_length: Expected a number',
    );
  });

  it("counts rows that could not be checked apart, or treats them as bad", async () => {
    await importNullable(join(folder.path, "gaps"), MAHALANOBIS_ROWS);
    await write("gaps.csv", "x0,x1,x2,x3\n20,40,60,80\n20,,60,80\n");
    const flags = ["gaps.csv", "--models", "gaps"];
    const accepted = await score(...flags);
    expect(accepted.code).toBe(0);
    expect(accepted.stderr).toContain("2 rows: 0 bad, 0 unlike the training data, 1 not checked.");
    const rejected = await score(...flags, "--unchecked-policy", "reject");
    expect(rejected.code).toBe(3);
    expect(rejected.stderr).toContain("2 rows: 1 bad, 0 unlike the training data. ");
    expect(rejected.stdout).toContain("because a value is missing.");
  });

  it("rejects rows unlike the training data with --ood-policy reject", async () => {
    await write("odd.csv", `${HEADER}${GOOD}100,3.5,1.4,0.2\n`);
    expect((await score("odd.csv")).stderr).toContain("0 bad, 1 unlike");
    const { code, stdout } = await score(
      "odd.csv",
      "--ood-policy",
      "reject",
      "--output-format",
      "ndjson",
    );
    expect(code).toBe(3);
    expect(stdout).toContain('"code":"OUT_OF_DISTRIBUTION"');
  });

  it.each([
    ["a missing file", ["none.csv"], 1, "Cannot read none.csv"],
    [
      "a missing column",
      ["few.csv"],
      1,
      "Model iris version 1: The CSV header does not match the features of the model. petal_width: Missing. Expected a column of this name.",
    ],
    ["an empty file", ["empty.csv"], 1, "Expected a CSV header with column names, got no rows."],
    ["truncated gzip", ["broken.csv.gz"], 1, "Cannot read broken.csv.gz"],
    ["an unknown model", ["iris.csv", "--model", "nope"], 1, "Models in the folder: iris."],
    ["an unknown version", ["iris.csv", "--model-version", "7"], 1, "version 7"],
    ["the input as output", ["iris.csv", "--out", "./iris.csv"], 2, "--out: Expected a file other"],
    ["an unknown output format", ["iris.csv", "--out", "x.parquet"], 2, "--output-format"],
    ["a missing output folder", ["iris.csv", "--out", "none/x.csv"], 1, "Cannot write none/x.csv"],
  ])("names the problem with %s", async (_what, words, code, text) => {
    await write("few.csv", "sepal_length,sepal_width,petal_length\n1,2,3\n");
    await write("empty.csv", "");
    await write("broken.csv.gz", gzipSync(IRIS_CSV).subarray(0, 200));
    const run = await score(...words);
    expect(run.stderr).toContain(text);
    expect(run.code).toBe(code);
    // At most the header.
    expect(run.stdout.split("\n").length).toBeLessThan(3);
    expect(await read("iris.csv")).toBe(IRIS_CSV);
  });

  it.each(["csv", "ndjson"])("ends quietly when the reader of its %s closes", async (format) => {
    await write("long.csv", HEADER + GOOD.repeat(100_000));
    const run = startCli(["score", "long.csv", "--output-format", format], folder.path);
    await waitForOutput(run, /setosa/);
    run.process.stdout?.destroy();
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    // A slow machine prints the progress.
    expect(stderr.replaceAll(/^Scoring long\.csv: \d+ %\n/gm, "")).toBe("");
  });
});

describe("tepal score --out", () => {
  /** Distinct rows, among them bad ones and quoted line breaks. */
  function makeRows(count: number): string {
    const rows = Array.from({ length: count }, (_, i) => {
      if (i % 1_000 === 7) return `x,"a\nb",${i}`;
      return `${(i % 79) / 10},3.5,${(i % 61) / 10},0.${i % 97}`;
    });
    return `${HEADER}${rows.join("\n")}\n`;
  }

  /** Waits until a run has written its first checkpoint. */
  async function waitForCheckpoint(run: Running, name: string): Promise<void> {
    const isWritten = (): Promise<boolean> =>
      stat(at(`${name}.checkpoint`)).then(
        () => true,
        () => false,
      );
    while (!(await isWritten())) {
      if (run.hasEnded()) throw new Error(`The run ended before the test saw its checkpoint`);
      await setTimeout(5);
    }
  }

  /** The request of `tepal score --out OUT --jobs 1`. */
  const toRequest = (name: string, out: string): ScoreRequest => ({
    file: name,
    out,
    model: "models/iris/1",
    input: "csv",
    output: "csv",
    form: {},
    onBadRow: "skip",
    serving: {
      maxBatchRows: SERVING_OPTIONS.maxBatchRows.default,
      oodAlpha: SERVING_OPTIONS.oodAlpha.default,
      oodPolicy: SERVING_OPTIONS.oodPolicy.default,
      uncheckedPolicy: SERVING_OPTIONS.uncheckedPolicy.default,
      categoryPolicy: SERVING_OPTIONS.categoryPolicy.default,
      missingPolicy: SERVING_OPTIONS.missingPolicy.default,
    },
    jobs: 1,
    restart: false,
    tool: readVersion(),
  });

  it.each(["big.csv", "big.csv.gz"])(
    "resumes a killed run and writes the same bytes as an uninterrupted one: %s",
    async (name) => {
      const rows = makeRows(150_000);
      await write(name, name.endsWith(".gz") ? gzipSync(rows, { level: 1 }) : rows);
      await score(name, "--out", "whole.csv");
      const offsets: number[] = [0];
      let position = { offset: 0, line: 1 };
      for (let kill = 0; kill < 3; kill++) {
        const request = JSON.stringify(toRequest(name, "out.csv"));
        const child = spawn(process.execPath, [KILLED_RUN, request], { cwd: folder.path });
        expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
        ({ position } = JSON.parse(await read("out.csv.checkpoint")));
        offsets.push(position.offset);
        // Bytes after the last checkpoint, which a crash may leave, must be dropped.
        await writeFile(at("out.csv.partial"), Buffer.alloc(20_000_000, "x"), { flag: "a" });
      }
      expect(await stat(at("out.csv")).catch(() => null)).toBeNull();
      expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
      const last = await score(name, "--out", "out.csv");
      expect(last.code).toBe(3);
      expect(last.stderr).toContain(`resuming after line ${position.line - 1}`);
      expect(last.stderr).toContain("150000 rows: 150 bad");
      expect((await read("out.csv")) === (await read("whole.csv"))).toBe(true);
      const left = (await readdir(folder.path)).filter((file) => file.startsWith("out.csv"));
      expect(left).toEqual(["out.csv"]);
      await rm(at("out.csv"));
    },
  );

  it("excludes a second run on the same output file", async () => {
    const first = await openFileOutput(at("same-out.csv"), {}, false);
    await first.write(Buffer.from("first run\n"));
    for (const more of [[], ["--restart"]]) {
      const second = await score("iris.csv", "--out", "same-out.csv", ...more);
      expect(second.stderr).toContain("Another run is writing same-out.csv");
      expect(second.code).toBe(1);
    }
    await first.finish();
    expect(await read("same-out.csv")).toBe("first run\n");
    expect(await score("iris.csv", "--out", "same-out.csv")).toMatchObject({ code: 0 });
    expect(await read("same-out.csv")).toBe(csv);
  });

  it("stops on Ctrl-C, and resumes only with the same input and options", async () => {
    await write("slow.csv", makeRows(200_000));
    const words = ["score", "slow.csv", "--out", "slow-out.csv", "--jobs", "1"];
    const run = startCli(words, folder.path);
    await waitForCheckpoint(run, "slow-out.csv");
    run.process.kill("SIGINT");
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("Run the same command again to resume");

    const other = await score("slow.csv", "--out", "slow-out.csv", "--ood-alpha", "0.05");
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("--ood-alpha was 0.01, is now 0.05");
    expect(other.stderr).toContain("--restart");
    const { atime, mtime } = await stat(at("slow.csv"));
    await utimes(at("slow.csv"), atime, new Date(0));
    const touched = await score("slow.csv", "--out", "slow-out.csv");
    expect(touched.stderr).toContain("input modification time was");
    await utimes(at("slow.csv"), atime, mtime);

    await score("slow.csv", "--out", "slow-whole.csv");
    const anew = await score("slow.csv", "--out", "slow-out.csv", "--restart");
    expect(anew.stderr).not.toContain("resuming");
    expect((await read("slow-out.csv")) === (await read("slow-whole.csv"))).toBe(true);
  });
});
