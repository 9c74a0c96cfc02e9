import { stat } from "node:fs/promises";

/** A watch on files. Disposing of it ends the watch. */
export interface FileFollower extends Disposable {
  /** Takes the files as they are now for known. Call it before reading them for another reason. */
  mark(): Promise<void>;
}

export interface FollowOptions {
  readonly paths: readonly string[];
  /** Reads the files again. Called once for each change; it handles its own errors. */
  readonly onChange: () => Promise<void>;
  /** Milliseconds between two looks at the files. @default 2000 */
  readonly intervalMs?: number;
}

/**
 * Calls back when files change: written, replaced, or reached through a symbolic link that was swapped, as Kubernetes does for
 * secrets. Looks at them regularly, since notifications of the kernel miss swapped links and network file systems. A change counts
 * when two looks in a row see the same, so that a file in the middle of a write, or a certificate without its new key, is not read.
 * Resolves once it knows the files; read them after that.
 */
export async function followFiles({
  paths,
  onChange,
  intervalMs = 2_000,
}: FollowOptions): Promise<FileFollower> {
  let known = await readState(paths);
  let seen = known;
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const state = await readState(paths);
      const isStable = state === seen;
      seen = state;
      if (!isStable || state === known) return;
      known = state;
      await onChange();
    } finally {
      isLooking = false;
    }
  }

  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  return {
    async mark() {
      known = await readState(paths);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Returns a string that differs when a file has changed. */
async function readState(paths: readonly string[]): Promise<string> {
  const states = paths.map(async (path) => {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return [dev, ino, size, mtimeNs, ctimeNs].join(":");
    } catch {
      return "unreadable";
    }
  });
  return (await Promise.all(states)).join(" ");
}
