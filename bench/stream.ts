import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Usage } from "./http-load.ts";
import { createModelFolder, makeRows, toMegabytes } from "./rows.ts";

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
    let next = rows / 10;
    for await (const chunk of reply ?? []) {
      if (Buffer.isBuffer(chunk)) for (const byte of chunk) if (byte === 10) lines += 1;
      if (lines < next) continue;
      next += rows / 10;
      const { residentBytes } = await readUsage(child);
      console.log(`${lines} lines: resident memory ${toMegabytes(residentBytes)}`);
    }
    const seconds = (performance.now() - start) / 1_000;
    const after = await readUsage(child);
    const cpu = after.userSeconds - before.userSeconds + after.systemSeconds - before.systemSeconds;
    console.log(
      `\n${(rows / cpu).toFixed(0)} rows per second of server CPU, ${(rows / seconds).toFixed(0)} rows/s of wall time`,
    );
  } finally {
    child.kill();
  }
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
