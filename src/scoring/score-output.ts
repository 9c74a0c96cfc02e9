import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { takeFileLock } from "../kernel/file-lock.ts";
import type { ScorePosition } from "./scoring.ts";

/** What a run is of: the same command on the same input with the same model has the same. Shown to people, by name. */
export type RunIdentity = Readonly<Record<string, string | number | boolean>>;

/** Where scored lines go. */
export interface ScoreOutput {
  /** Where an earlier run has come to; null to begin at the beginning. */
  readonly resumed: ScorePosition | null;
  write(bytes: Uint8Array): Promise<void>;
  /** Makes sure that a later run can go on from here. */
  checkpoint(position: ScorePosition): Promise<void>;
  /** Puts the whole output into its place. */
  finish(): Promise<void>;
  /** Leaves what is written for a later run. */
  close(): Promise<void>;
}

/** Lines on a stream, such as the standard output, at the pace of whoever reads it. */
export function createStreamOutput(stream: Writable): ScoreOutput {
  let failure: Error | undefined;
  const closed = new AbortController();
  stream.on("error", (error) => {
    failure = error;
    closed.abort(error);
  });
  return {
    resumed: null,
    async write(bytes) {
      if (failure === undefined && !stream.write(bytes)) {
        await once(stream, "drain", { signal: closed.signal }).catch(() => {});
      }
      if (failure !== undefined) throw toWriteError("The output", failure);
    },
    checkpoint: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/**
 * Lines in a file. They are written to `OUT.partial`, beside which `OUT.checkpoint` says how many of them count; when all
 * are there, it is renamed. A checkpoint is written, and renamed into its place, only when the lines that it counts are on
 * the disk, so that a run that is killed at any moment can be gone on with. `OUT.lock` keeps a second run away meanwhile.
 *
 * @throws TepalError CANNOT_WRITE, also while another run writes there; INVALID_OPTION when an earlier run of something else has
 *   been left there
 */
export async function openFileOutput(
  out: string,
  identity: RunIdentity,
  restart: boolean,
): Promise<ScoreOutput> {
  const lockFile = `${out}.lock`;
  const lock = await guard(lockFile, async () => takeFileLock(lockFile));
  if (lock === null) {
    const message = `${out} is being written by another run. Wait for its end, or give this one another --out`;
    throw new TepalError("CANNOT_WRITE", message);
  }
  const unlock = async (): Promise<void> => {
    await rm(lockFile, { force: true });
    lock[Symbol.dispose]();
  };
  try {
    const output = await openPartial(out, identity, restart);
    return {
      ...output,
      async finish() {
        await output.finish();
        await unlock();
      },
      close: () => output.close().finally(unlock),
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openPartial(
  out: string,
  identity: RunIdentity,
  restart: boolean,
): Promise<ScoreOutput> {
  const partial = `${out}.partial`;
  const checkpointFile = `${out}.checkpoint`;
  const resumed = restart ? null : await findResumable(out, partial, checkpointFile, identity);
  // A checkpoint must never speak of other lines than those that are there.
  if (resumed === null) await guard(checkpointFile, () => rm(checkpointFile, { force: true }));
  const handle = await guard(partial, async () => {
    const opened = await open(partial, resumed === null ? "w" : "r+");
    await opened.truncate(resumed?.written ?? 0);
    return opened;
  });
  let at = resumed?.written ?? 0;

  return {
    resumed,
    write: (bytes) =>
      guard(partial, async () => {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
          done += bytesWritten;
          at += bytesWritten;
        }
      }),
    checkpoint: (position) =>
      guard(checkpointFile, async () => {
        await handle.datasync();
        await writeDurably(`${checkpointFile}.new`, JSON.stringify({ identity, position }));
        await rename(`${checkpointFile}.new`, checkpointFile);
      }),
    finish: () =>
      guard(out, async () => {
        await handle.datasync();
        await handle.close();
        await rename(partial, out);
        await rm(checkpointFile, { force: true });
      }),
    close: () => handle.close(),
  };
}

/** The position of a checkpoint that fits; null when there is none. */
async function findResumable(
  out: string,
  partial: string,
  checkpointFile: string,
  identity: RunIdentity,
): Promise<ScorePosition | null> {
  const text = await readFile(checkpointFile, "utf8").catch(() => null);
  const size = await stat(partial).then(
    (found) => found.size,
    () => -1,
  );
  if (text === null || size < 0) return null;
  const again = `Pass --restart to begin anew, which overwrites ${partial}`;
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === null || checkpoint.position.written > size) {
    throw new TepalError("INVALID_OPTION", `${checkpointFile} is damaged. ${again}`);
  }
  const names = new Set([...Object.keys(identity), ...Object.keys(checkpoint.identity)]);
  const differences = [...names].flatMap((name) => {
    const [before, now] = [checkpoint.identity[name], identity[name]];
    return before === now ? [] : [`${name} was ${String(before)} and is ${String(now)}`];
  });
  if (differences.length === 0) return checkpoint.position;
  throw new TepalError(
    "INVALID_OPTION",
    `${out} was begun by another run: ${differences.join("; ")}. ${again}`,
  );
}

const CHECKPOINT = Type.Object({
  identity: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  position: Type.Object({
    offset: Type.Integer({ minimum: 0 }),
    line: Type.Integer({ minimum: 1 }),
    written: Type.Integer({ minimum: 0 }),
    counts: Type.Object({ rows: Type.Integer(), bad: Type.Integer(), outliers: Type.Integer() }),
  }),
});

function parseCheckpoint(text: string): Static<typeof CHECKPOINT> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return Value.Check(CHECKPOINT, parsed) ? parsed : null;
  } catch {
    return null;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, "w");
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function guard<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw toWriteError(what, cause);
  }
}

function toWriteError(what: string, cause: unknown): TepalError {
  return new TepalError("CANNOT_WRITE", `${what} cannot be written: ${toMessage(cause)}`, {
    cause,
  });
}
