/**
 * Records the traffic of the lab (docs/tutorial/lab.md) in 15 minutes: `npx node scripts/record-lab.ts`. Writes recording.json.gz, and
 * replies.json.gz with the server's replies to some queries, with which tests compare the lab's. `--port` is the first of two free ports,
 * `--minutes` the duration, `--out` another folder than console/lab.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createFolder } from "../test/support/folders.ts";
import { record } from "./lab/record.ts";
import { writeRecording } from "./lab/write-recording.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8000" },
    minutes: { type: "string", default: "15" },
    out: { type: "string", default: join(import.meta.dirname, "../console/lab") },
  },
});
const port = Number(values.port);
await using folder = await createFolder();
await mkdir(values.out, { recursive: true });
await writeRecording(await record(folder.path, Number(values.minutes), port), port, values.out);
