/**
 * Records the traffic of the lab (docs/tutorial/lab.md) in 15 minutes: `node scripts/record-lab.ts`. Writes console/lab/recording.json.gz, and
 * the server's replies to some queries, with which tests compare the lab's. `--port` is the first of two free ports, `--minutes` the
 * duration.
 */
import { parseArgs } from "node:util";
import { createFolder } from "../test/support/folders.ts";
import { record } from "./lab/record.ts";
import { writeRecording } from "./lab/write-recording.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8000" },
    minutes: { type: "string", default: "15" },
  },
});
const port = Number(values.port);
await using folder = await createFolder();
await writeRecording(await record(folder.path, Number(values.minutes), port), port);
