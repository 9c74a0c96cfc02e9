import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SMALL_HEAP_FLAGS } from "../../src/kernel/child-process.ts";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, IRIS_CSV } from "../support/models.ts";

const [HEADER = "", ...LINES] = IRIS_CSV.trim().split("\n");
const BLOCK = Buffer.from(`${LINES.join("\n")}\n`.repeat(20));
const BLOCK_ROWS = 20 * LINES.length;
const BLOCKS = Math.ceil(1e6 / BLOCK_ROWS);
const MEBIBYTE = 1024 * 1024;

function* makeRows(): Generator<Buffer> {
  yield Buffer.from(`${HEADER}\n`);
  for (let i = 0; i < BLOCKS; i++) yield BLOCK;
}

async function readResidentBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
}

describe("a million rows", () => {
  it("are predicted in constant memory", async () => {
    await using folder = await createFolder();
    await copyIris(join(folder.path, "models"));
    await using server = startCli(
      ["serve", "--port", "0", "--max-event-loop-lag", "60"],
      folder.path,
      // The young generation of `npm start`. A larger one would still grow.
      { NODE_OPTIONS: SMALL_HEAP_FLAGS[0] },
    );
    const url = await waitForOutput(server, /listening on (http:\/\/[^"\s]+)/);
    const sent = request(`${url}/predict/batch`, {
      method: "POST",
      headers: { "content-type": "text/csv" },
    });
    Readable.from(makeRows()).pipe(sent);
    const [reply]: IncomingMessage[] = await once(sent, "response");
    let lines = 0;
    let early = 0;
    for await (const chunk of reply ?? []) {
      if (Buffer.isBuffer(chunk)) for (const byte of chunk) if (byte === 10) lines += 1;
      // All code is compiled and all buffers have their size by now.
      if (early === 0 && lines > 300_000) early = await readResidentBytes(url);
    }
    expect(lines).toBe(BLOCKS * BLOCK_ROWS + 1);
    const late = await readResidentBytes(url);
    expect(early).toBeGreaterThan(MEBIBYTE);
    // The other 700,000 rows are 18 MB of input and 39 MB of output, and would be some hundred MB as objects.
    expect(late - early).toBeLessThan(64 * MEBIBYTE);
  });
});
