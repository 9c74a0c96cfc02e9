import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { scoreFile } from "../src/scoring/score-file.ts";
import { createModelFolder, toMegabytes, writeRows } from "./rows.ts";

/**
 * Measures `tepal score` on a CSV file of Iris rows with one and several threads: rows per second of wall time and of CPU time
 * (all threads), and maximum resident memory.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string", default: "1000000" },
      jobs: { type: "string", default: "1,2" },
    },
  });
  const rows = Number(values.rows);
  await using models = await createModelFolder();
  const file = join(models.path, "rows.csv");
  const out = join(models.path, "out.csv");
  await writeRows(file, rows);
  for (const jobs of values.jobs.split(",").map(Number)) {
    let max = 0;
    const watch = setInterval(() => (max = Math.max(max, process.memoryUsage.rss())), 50);
    const before = process.cpuUsage();
    const { counts, seconds } = await scoreFile({
      file,
      out,
      model: join(models.path, "iris", "1"),
      input: "csv",
      output: "csv",
      form: {},
      onBadRow: "skip",
      serving: {
        maxBatchRows: 1,
        oodAlpha: 0.01,
        oodPolicy: "warn",
        uncheckedPolicy: "flag",
        categoryPolicy: "warn",
        missingPolicy: "reject",
      },
      jobs,
      restart: true,
      tool: "bench",
    });
    clearInterval(watch);
    const { user, system } = process.cpuUsage(before);
    const cpu = (user + system) / 1e6;
    console.log(
      `${counts.rows} rows, ${jobs} threads: ${(rows / seconds).toFixed(0)} rows/s, ` +
        `${(rows / cpu).toFixed(0)} rows per CPU second, maximum ${toMegabytes(max)} resident`,
    );
    await rm(out);
  }
}
