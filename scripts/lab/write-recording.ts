import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { LAB_DASHBOARDS, readDashboardText } from "../../console/lab/lab-plugin.ts";
import { encodeRecording } from "./encode-recording.ts";
import type { RawRecording } from "./record.ts";

/** The ports in the labels of the recording, in place of those that were free. */
const PORTS = [8000, 8089];
/** Beside the metrics of the dashboards. */
const FURTHER = ["process_start_time_seconds"];

/**
 * Writes a recording with the metrics that the lab needs, and the replies of the server to some queries.
 *
 * @param port the first port of the server
 * @param folder it exists
 */
export async function writeRecording(
  raw: RawRecording,
  port: number,
  folder: string,
): Promise<void> {
  const { replies, ...recorded } = setPorts(raw, port);
  const words = new Set(
    LAB_DASHBOARDS.flatMap((name) => readDashboardText(name).match(/[a-zA-Z_:][\w:]*/g) ?? []),
  );
  for (const name of FURTHER) words.add(name);
  const recording = encodeRecording(recorded, (name) => words.has(name));
  await writeJson(join(folder, "recording.json.gz"), recording);
  await writeJson(join(folder, "replies.json.gz"), replies);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, gzipSync(JSON.stringify(value), { level: 9 }));
}

function setPorts(raw: RawRecording, port: number): RawRecording {
  const text = PORTS.reduce(
    (json, usual, index) => json.replaceAll(`127.0.0.1:${port + index}`, `127.0.0.1:${usual}`),
    JSON.stringify(raw),
  );
  return JSON.parse(text);
}
