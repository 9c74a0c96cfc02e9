import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Usage } from "./http-load.ts";
import { createModelFolder, makeRows, toMegabytes } from "./rows.ts";
import { formatSpread } from "./statistics.ts";

const PARTS = 10;
const FORMATS = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;

/**
 * Measures one stream of Iris rows (CSV) to POST /predict/batch, whose response is read as it arrives: rows per second of server
 * CPU, and the server's resident memory during the stream.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string", default: "10000000" },
      accept: { type: "string", default: "csv" },
    },
  });
  const rows = Number(values.rows);
  const accept = values.accept === "ndjson" ? FORMATS.ndjson : FORMATS.csv;
  await using models = await createModelFolder();
  const child = fork(fileURLToPath(new URL("./http-server.ts", import.meta.url)), [
    "tepal",
    models.path,
  ]);
  try {
    const { port } = await receive<{ port: number }>(child);
    console.log(`${rows} Iris rows as text/csv, response as ${accept}, one connection\n`);
    const before = await readUsage(child);
    const start = performance.now();
    const sent = request({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: "/predict/batch",
      headers: { "content-type": FORMATS.csv, accept },
    });
    Readable.from(makeRows(rows)).pipe(sent);
    const [reply]: Readable[] = await once(sent, "response");
    let lines = 0;
    let next = rows / PARTS;
    /** Rows per second of server CPU, of each part of the stream after the first, which warms up. */
    const rates: number[] = [];
    let last = { lines: 0, usage: before };
    for await (const chunk of reply ?? []) {
      if (Buffer.isBuffer(chunk)) for (const byte of chunk) if (byte === 10) lines += 1;
      if (lines < next) continue;
      next += rows / PARTS;
      const usage = await readUsage(child);
      if (last.lines > 0) rates.push((lines - last.lines) / countCpuSeconds(last.usage, usage));
      last = { lines, usage };
      console.log(`${lines} lines: resident memory ${toMegabytes(usage.residentBytes)}`);
    }
    const seconds = (performance.now() - start) / 1_000;
    const after = await readUsage(child);
    const cpu = countCpuSeconds(before, after);
    console.log(
      `\n${(rows / cpu).toFixed(0)} rows per second of server CPU, ${(rows / seconds).toFixed(0)} rows/s of wall time`,
    );
    console.log(
      `${formatSpread(rates)} rows per second of server CPU in each tenth after the first, median (quartiles)`,
    );
  } finally {
    child.kill();
  }
}

function countCpuSeconds(before: Usage, after: Usage): number {
  return after.userSeconds - before.userSeconds + after.systemSeconds - before.systemSeconds;
}

async function readUsage(child: ChildProcess): Promise<Usage> {
  child.send("usage");
  return receive<Usage>(child);
}

async function receive<T>(child: ChildProcess): Promise<T> {
  const [message]: T[] = await once(child, "message");
  if (message === undefined) throw new Error("The server sent no message.");
  return message;
}
