import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli, startCli, waitForOutput, type Run } from "../support/cli.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { copyIris, IRIS, IRIS_CSV, toIrisObject } from "../support/models.ts";
import { createTestPredictor, streamRows } from "../support/predictors.ts";

const HEADER = "sepal_length,sepal_width,petal_length,petal_width\n";
const GOOD = "5.1,3.5,1.4,0.2\n";

let folder: TemporaryFolder;
/** What the row stream makes of Iris. */
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
  it("writes a line for each row to the standard output, and nothing else", async () => {
    const { code, stdout, stderr } = await score("iris.csv", "--jobs", "3");
    expect(code).toBe(0);
    expect(stdout).toBe(csv);
    expect(stderr).toContain("the model does not know are ignored: species");
    expect(stderr).toContain("150 rows, 0 bad, 0 unlike the training data");
  });

  it("knows formats and packings by their extensions, and is told others", async () => {
    const lines = IRIS.map(({ row }) => JSON.stringify(toIrisObject(row))).join("\n");
    await write("rows.jsonl", lines);
    await write("rows.txt", IRIS_CSV.replaceAll(",", ";"));
    await write("a.csv.gz", gzipSync(IRIS_CSV));
    await write("b.ndjson.br", brotliCompressSync(lines));
    await write("c.csv.zst", zstdCompressSync(IRIS_CSV));
    expect((await score("rows.jsonl")).stdout).toBe(ndjson);
    const asCsv = (await score("rows.jsonl", "--output-format", "csv")).stdout;
    // The lines' numbers are of the file: this one has no header.
    expect(asCsv.replaceAll(/^\d+/gm, "")).toBe(csv.replaceAll(/^\d+/gm, ""));
    const told = ["rows.txt", "--input-format", "csv", "--delimiter", ";", "--jobs", "1"];
    expect((await score(...told)).stdout).toBe(csv);
    expect((await score("a.csv.gz", "--out", "a.ndjson")).code).toBe(0);
    expect(await read("a.ndjson")).toBe(ndjson);
    expect((await score("b.ndjson.br")).stdout).toBe(ndjson);
    expect((await score("c.csv.zst")).stdout).toBe(csv);
    expect(await score("rows.txt")).toMatchObject({ code: 2, stdout: "" });
  });

  it("has an exit code of its own for bad rows, and goes on or stops as it is told", async () => {
    await write("bad.csv", `${HEADER}${GOOD}x,1,1,1\n${GOOD}`);
    const skipped = await score("bad.csv", "--out", "bad-out.csv");
    expect(skipped.code).toBe(3);
    expect(skipped.stderr).toContain("3 rows, 1 bad");
    expect((await read("bad-out.csv")).trim().split("\n")).toHaveLength(4);
    const stopped = await score("bad.csv", "--on-bad-row", "stop");
    expect(stopped.code).toBe(3);
    expect(stopped.stdout.trim().split("\n")).toHaveLength(3);
    expect(stopped.stdout).toContain('\n3,,,,,,,,,"A value is not usable');
  });

  it("refuses rows that are unlike the training data where it shall", async () => {
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
    ["a file that is not there", ["none.csv"], 1, "none.csv cannot be read"],
    ["a column that is not there", ["few.csv"], 1, "petal_width is not in the header"],
    ["an empty file", ["empty.csv"], 1, "There are no rows"],
    ["broken gzip", ["broken.csv.gz"], 1, "cannot be read"],
    ["a model that is not there", ["iris.csv", "--model", "nope"], 1, "Models: iris"],
    ["a version that is not there", ["iris.csv", "--model-version", "7"], 1, "version 7"],
    ["the input as its output", ["iris.csv", "--out", "./iris.csv"], 2, "--out is the input"],
    ["an output that nobody knows", ["iris.csv", "--out", "x.parquet"], 2, "--output-format"],
    ["a folder that is not there", ["iris.csv", "--out", "none/x.csv"], 1, "cannot be written"],
  ])("says what is wrong with %s", async (_what, words, code, text) => {
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

  it("ends without a word too many when its reader goes away", async () => {
    await write("long.csv", HEADER + GOOD.repeat(100_000));
    const run = startCli(["score", "long.csv"], folder.path);
    await waitForOutput(run, /setosa/);
    run.process.stdout?.destroy();
    const { code, stderr } = await run.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("tepal: The output cannot be written");
  });
});

describe("tepal score --out", () => {
  /** Rows that differ, among them bad ones and quoted line ends. */
  function makeRows(count: number): string {
    const rows = Array.from({ length: count }, (_, i) => {
      if (i % 1_000 === 7) return `x,"a\nb",${i}`;
      return `${(i % 79) / 10},3.5,${(i % 61) / 10},0.${i % 97}`;
    });
    return `${HEADER}${rows.join("\n")}\n`;
  }

  /** Waits until a run has written a checkpoint that is not the given one. */
  async function waitForCheckpoint(name: string, before: string): Promise<string> {
    for (;;) {
      const text = await read(`${name}.checkpoint`).catch(() => "");
      if (text !== "" && text !== before) return text;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it.each(["big.csv", "big.csv.gz"])(
    "goes on where a killed run was, byte for byte: %s",
    async (name) => {
      const rows = makeRows(200_000);
      await write(name, name.endsWith(".gz") ? gzipSync(rows, { level: 1 }) : rows);
      await score(name, "--out", "whole.csv");
      let before = "";
      for (let kill = 0; kill < 3; kill++) {
        await using run = startCli(["score", name, "--out", "out.csv", "--jobs", "1"], folder.path);
        before = await waitForCheckpoint("out.csv", before);
        run.process.kill("SIGKILL");
        await run.ended;
        // What a crash may leave behind the last checkpoint is not believed.
        await writeFile(at("out.csv.partial"), Buffer.alloc(20_000_000, "x"), { flag: "a" });
      }
      expect(await stat(at("out.csv")).catch(() => null)).toBeNull();
      const { position } = JSON.parse(before);
      expect(position.offset).toBeGreaterThan(0);
      const last = await score(name, "--out", "out.csv");
      expect(last.code).toBe(3);
      expect(last.stderr).toContain(`going on behind line ${position.line - 1}`);
      expect(last.stderr).toContain("200000 rows, 200 bad");
      expect((await read("out.csv")) === (await read("whole.csv"))).toBe(true);
      const left = (await readdir(folder.path)).filter((file) => file.startsWith("out.csv"));
      expect(left).toEqual(["out.csv"]);
      await rm(at("out.csv"));
    },
  );

  it("lets one run write a file at a time", async () => {
    await write("same.csv", makeRows(200_000));
    const words = ["same.csv", "--out", "same-out.csv"];
    await using first = startCli(["score", ...words, "--jobs", "1"], folder.path);
    await waitForCheckpoint("same-out.csv", "");
    first.process.kill("SIGSTOP");
    for (const more of [[], ["--restart"]]) {
      const second = await score(...words, ...more);
      expect(second.stderr).toContain("same-out.csv is being written by another run");
      expect(second.code).toBe(1);
    }
    first.process.kill("SIGCONT");
    expect(await first.ended).toMatchObject({ code: 3 });
    expect((await read("same-out.csv")).split("\n")).toHaveLength(200_002);
  });

  it("stops at Ctrl-C, goes on afterwards, and not with anything else", async () => {
    await write("slow.csv", makeRows(200_000));
    const words = ["score", "slow.csv", "--out", "slow-out.csv", "--jobs", "1"];
    const run = startCli(words, folder.path);
    await waitForCheckpoint("slow-out.csv", "");
    run.process.kill("SIGINT");
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("The same command goes on from here");

    const other = await score("slow.csv", "--out", "slow-out.csv", "--ood-alpha", "0.05");
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("--ood-alpha was 0.01 and is 0.05");
    expect(other.stderr).toContain("--restart");
    const { atime, mtime } = await stat(at("slow.csv"));
    await utimes(at("slow.csv"), atime, new Date(0));
    const touched = await score("slow.csv", "--out", "slow-out.csv");
    expect(touched.stderr).toContain("the time of its last change was");
    await utimes(at("slow.csv"), atime, mtime);

    await score("slow.csv", "--out", "slow-whole.csv");
    const anew = await score("slow.csv", "--out", "slow-out.csv", "--restart");
    expect(anew.stderr).not.toContain("going on");
    expect((await read("slow-out.csv")) === (await read("slow-whole.csv"))).toBe(true);
  });
});
