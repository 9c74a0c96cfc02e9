/** Appends samples to the history in a folder until it is killed, and prints which are stored: `node write-forever.ts FOLDER FIRST_MS`. */
import { writeSync } from "node:fs";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { openHistoryFolder } from "../../src/series/disk/history-folder.ts";
import { appendSample } from "./sampled.ts";

const [folder = "", firstMs = "0"] = process.argv.slice(2);
const retentionMs = 60_000;
const log = { info() {}, warn: (message: string) => void process.stderr.write(`${message}\n`) };
const store = createSeriesStore({ retentionMs, maxSeries: 100, samplesPerBlock: 7 });
openHistoryFolder(folder, store, { retentionMs, log }, Number(firstMs));
for (let timeMs = Number(firstMs); ; timeMs += 100) {
  for (const group of ["a", "b"]) {
    appendSample(store, group, timeMs);
    writeSync(1, `${group} ${timeMs}\n`);
  }
}
