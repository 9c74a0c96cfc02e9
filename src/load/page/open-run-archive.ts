import { mkdir, open, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createId } from "../../kernel/random.ts";
import { parseReport } from "../contract/parse-report.ts";
import type { RunReport, RunSummary } from "../contract/report.ts";
import type { RunArchive } from "./run-archive.ts";

export interface ArchiveOptions {
  readonly clock: Clock;
  /** Receives warnings about ignored files. */
  readonly onWarning: (message: string) => void;
  /** @default 200 */
  readonly maxRuns?: number;
  /** Limit of all files together. @default 512 MiB */
  readonly maxBytes?: number;
}

/** Three times the size of a run of one day. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const FILE = /^(\d{8}T\d{6}-[0-9a-z]{1,32})\.json$/;
/** Left by a save that was interrupted. */
const TEMPORARY = /^\.\d{8}T\d{6}-[0-9a-z]{1,32}\.[0-9a-f]{32}\.tmp$/;
const STALE_MS = 3_600_000;

interface RunFile {
  readonly id: string;
  readonly bytes: number;
  /** Differs after each change of the file. */
  readonly stamp: string;
}

/** @throws TepalError CANNOT_WRITE if the folder cannot be created */
export async function openRunArchive(
  folder: string,
  { clock, onWarning, maxRuns = 200, maxBytes = 512 * 1024 * 1024 }: ArchiveOptions,
): Promise<RunArchive> {
  /** Summaries by run; undefined for an invalid file. */
  const known = new Map<
    string,
    { readonly stamp: string; readonly summary: RunSummary | undefined }
  >();
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw toWriteError(folder, cause);
  });
  await removeStale(folder, clock);

  const toPath = (id: string): string => join(folder, `${id}.json`);

  async function readRun({ id, bytes }: RunFile): Promise<RunReport | undefined> {
    try {
      if (bytes > MAX_FILE_BYTES) throw new Error("The file is larger than 64 MiB.");
      const report = parseReport(JSON.parse(await readFile(toPath(id), "utf8")));
      if (report?.id !== id) throw new Error("The file is not the report of this run.");
      return report;
    } catch (error) {
      onWarning(`Ignored ${toPath(id)}: ${toMessage(error)}`);
      return undefined;
    }
  }

  async function summarize(file: RunFile): Promise<RunSummary | undefined> {
    const cached = known.get(file.id);
    if (cached?.stamp === file.stamp) return cached.summary;
    const report = await readRun(file);
    const summary = report === undefined ? undefined : toSummary(report);
    known.set(file.id, { stamp: file.stamp, summary });
    return summary;
  }

  /** Removes the oldest runs beyond the limits, but never the newest run. */
  async function prune(): Promise<void> {
    let bytes = 0;
    for (const [index, file] of (await listFiles(folder)).entries()) {
      bytes += file.bytes;
      if (index === 0 || (index < maxRuns && bytes <= maxBytes)) continue;
      known.delete(file.id);
      await rm(toPath(file.id), { force: true });
    }
  }

  return {
    async list() {
      const found: RunSummary[] = [];
      const files = await listFiles(folder);
      for (const file of files.slice(0, maxRuns)) {
        const summary = await summarize(file);
        if (summary !== undefined) found.push(summary);
      }
      return found;
    },
    async read(id) {
      const file = isRunId(id) ? await toFile(folder, `${id}.json`) : undefined;
      return file === undefined ? undefined : readRun(file);
    },
    async save(report) {
      if (!isRunId(report.id)) {
        throw new TepalError(
          "CANNOT_WRITE",
          `Cannot save a run with the invalid id "${report.id}".`,
        );
      }
      const temporary = join(folder, `.${report.id}.${createId()}.tmp`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        {
          await using file = await open(temporary, "wx", 0o600);
          await file.writeFile(`${JSON.stringify(report)}\n`);
          await file.sync();
        }
        await rename(temporary, toPath(report.id));
        await prune();
      } catch (cause) {
        await rm(temporary, { force: true }).catch(() => {});
        throw toWriteError(folder, cause);
      }
    },
    async remove(id) {
      if (!isRunId(id) || (await toFile(folder, `${id}.json`)) === undefined) return false;
      known.delete(id);
      await rm(toPath(id), { force: true }).catch((cause: unknown) => {
        throw toWriteError(folder, cause);
      });
      return true;
    },
  };
}

/** Returns true if a string has the form of a run id. Only such strings become part of a path. */
function isRunId(id: string): boolean {
  return FILE.test(`${id}.json`);
}

function toSummary(report: RunReport): RunSummary {
  const { id, started_at_ms, ended_at_ms, plan, verdict, total } = report;
  const { host, profile } = plan;
  return { id, started_at_ms, ended_at_ms, host, profile, outcome: verdict?.outcome ?? "", total };
}

/** Newest first. */
async function listFiles(folder: string): Promise<readonly RunFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files: RunFile[] = [];
  for (const name of names) {
    const file = await toFile(folder, name);
    if (file !== undefined) files.push(file);
  }
  return files.toSorted((a, b) => (a.id < b.id ? 1 : -1));
}

async function toFile(folder: string, name: string): Promise<RunFile | undefined> {
  const id = FILE.exec(name)?.[1];
  if (id === undefined) return undefined;
  const found = await stat(join(folder, name)).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  return { id, bytes: found.size, stamp: `${found.mtimeMs} ${found.size} ${found.ino}` };
}

async function removeStale(folder: string, clock: Clock): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const age = clock.nowMs() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity);
    if (age > STALE_MS) await rm(path, { force: true }).catch(() => {});
  }
}

function toWriteError(folder: string, cause: unknown): TepalError {
  const message = `Cannot save runs in ${folder}: ${toMessage(cause)}. Choose another folder with --data-dir.`;
  return new TepalError("CANNOT_WRITE", message, { cause });
}
