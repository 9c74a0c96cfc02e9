import { open, readFile, rename, rm, stat } from "node:fs/promises";
import type { Writable } from "node:stream";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { isBrokenPipe, TepalError, toMessage } from "../kernel/errors.ts";
import { takeTemporaryFileLock } from "../kernel/file-lock.ts";
import type { ScorePosition } from "./scoring.ts";

/**
 * Properties that must be equal for a run to resume: input, model, options that change the output. Messages quote the
 * names.
 */
export type RunIdentity = Readonly<Record<string, string | number | boolean>>;

/** Destination of the scored lines. */
export interface ScoreOutput {
  /** Position of the earlier run that this one resumes; null for a new run. */
  readonly resumed: ScorePosition | null;
  /** Writes bytes. The caller may change them once the promise resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** True once the reader of the output has ended, as `head` does. Further bytes are dropped. */
  readonly isClosed: boolean;
  /** Flushes what is written and records the position, so that a later run can resume from it. */
  checkpoint(position: ScorePosition): Promise<void>;
  /** Completes the output under its final name. */
  finish(): Promise<void>;
  /** Releases the output and keeps what is written for a later run. */
  close(): Promise<void>;
}

/** Writes lines to a stream, for example standard output, at the pace of its reader. */
export function createStreamOutput(stream: Writable): ScoreOutput {
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = error;
  });
  return {
    resumed: null,
    async write(bytes) {
      if (failure === undefined) {
        await new Promise<void>((resolve) => {
          stream.write(bytes, (error) => {
            failure ??= error ?? undefined;
            resolve();
          });
        });
      }
      if (failure !== undefined && !isBrokenPipe(failure))
        throw toWriteError("standard output", failure);
    },
    get isClosed() {
      return failure !== undefined;
    },
    checkpoint: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/**
 * Writes lines to a file.
 *
 * Lines go to `OUT.partial`, which is renamed to `OUT` at the end. `OUT.checkpoint` records how many bytes of it are valid.
 * A checkpoint is written to a temporary file and renamed, after the lines that it covers are on disk, so a run can resume
 * whenever it was killed. `OUT.lock` excludes a second run.
 *
 * @throws TepalError CANNOT_WRITE, also if another run holds the lock; INVALID_OPTION if the checkpoint belongs to another
 *   input, model or set of options
 */
export async function openFileOutput(
  out: string,
  identity: RunIdentity,
  restart: boolean,
): Promise<ScoreOutput> {
  const lockFile = `${out}.lock`;
  const lock = await writing(lockFile, async () => takeTemporaryFileLock(lockFile));
  if (lock === null) {
    const message = `Another run is writing ${out}. Wait until it ends, or choose another --out.`;
    throw new TepalError("CANNOT_WRITE", message);
  }
  const unlock = (): void => lock[Symbol.dispose]();
  try {
    const output = await openPartial(out, identity, restart);
    return {
      ...output,
      async finish() {
        await output.finish();
        unlock();
      },
      close: () => output.close().finally(unlock),
    };
  } catch (error) {
    unlock();
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
  // A checkpoint must never cover lines other than those in the file.
  if (resumed === null) await writing(checkpointFile, () => rm(checkpointFile, { force: true }));
  const handle = await writing(partial, async () => {
    const opened = await open(partial, resumed === null ? "w" : "r+");
    await opened.truncate(resumed?.written ?? 0);
    return opened;
  });
  let at = resumed?.written ?? 0;

  return {
    resumed,
    isClosed: false,
    write: (bytes) =>
      writing(partial, async () => {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
          done += bytesWritten;
          at += bytesWritten;
        }
      }),
    checkpoint: (position) =>
      writing(checkpointFile, async () => {
        await handle.datasync();
        await writeDurably(`${checkpointFile}.new`, JSON.stringify({ identity, position }));
        await rename(`${checkpointFile}.new`, checkpointFile);
      }),
    finish: () =>
      writing(out, async () => {
        await handle.datasync();
        await handle.close();
        await rename(partial, out);
        await rm(checkpointFile, { force: true });
      }),
    close: () => handle.close(),
  };
}

/**
 * Returns the position of the checkpoint; null if there is none.
 * @throws TepalError INVALID_OPTION if the checkpoint is damaged or belongs to another run
 */
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
  const advice = `Pass --restart to start over; it overwrites ${partial}.`;
  const checkpoint = parseCheckpoint(text);
  if (checkpoint === null || checkpoint.position.written > size) {
    throw new TepalError("INVALID_OPTION", `${checkpointFile} is damaged. ${advice}`);
  }
  const names = new Set([...Object.keys(identity), ...Object.keys(checkpoint.identity)]);
  const differences = [...names].flatMap((name) => {
    const [before, now] = [checkpoint.identity[name], identity[name]];
    return before === now ? [] : [`${name} was ${String(before)}, is now ${String(now)}`];
  });
  if (differences.length === 0) return checkpoint.position;
  throw new TepalError(
    "INVALID_OPTION",
    `Cannot resume ${out}, which another run started: ${differences.join("; ")}. ${advice}`,
  );
}

const CHECKPOINT = Type.Object({
  identity: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  position: Type.Object({
    offset: Type.Integer({ minimum: 0 }),
    line: Type.Integer({ minimum: 1 }),
    written: Type.Integer({ minimum: 0 }),
    counts: Type.Object({
      rows: Type.Integer(),
      bad: Type.Integer(),
      outliers: Type.Integer(),
      unchecked: Type.Integer(),
    }),
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

/** Runs an action and turns its failure into CANNOT_WRITE. @param target named in the message */
async function writing<T>(target: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw toWriteError(target, cause);
  }
}

function toWriteError(target: string, cause: unknown): TepalError {
  return new TepalError("CANNOT_WRITE", `Cannot write ${target}: ${toMessage(cause)}`, { cause });
}
