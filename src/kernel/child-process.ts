import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createChannel, type Channel } from "./channel.ts";
import { toMessage } from "./errors.ts";

/**
 * Flags of Node.js for a small heap, as `npm start` and the image have them. They suit a process whose objects die at once: the young generation
 * has at most 8 MB instead of 64, and the old one is collected after it has grown by 30 %.
 */
export const SMALL_HEAP_FLAGS = ["--max-semi-space-size=4", "--heap-growing-percent=30"] as const;

/** A process that this one has started, with a message channel to it. */
export interface SupervisedChild<Theirs> {
  readonly pid: number | undefined;
  readonly channel: Channel<Theirs>;
  readonly hasEnded: boolean;
  /** False once the message channel is closed, before or after the end. */
  readonly isConnected: boolean;
  /** Resolves once the child has ended and its last message has arrived: `with code 1`, or `by SIGKILL`. */
  readonly ended: Promise<string>;
  /** Closes the message channel, on which the child ends by itself. */
  disconnect(): void;
  kill(): void;
}

/**
 * @param child started with an "ipc" channel a moment ago, in this turn of the event loop
 * @param ours the calls that the child may make
 */
export function superviseChild<Theirs, Ours extends object>(
  child: ChildProcess,
  ours: Ours,
): SupervisedChild<Theirs> {
  const channel = createChannel<Theirs, Ours>({
    peer: "child process",
    handlers: ours,
    send(message) {
      // A message that cannot be delivered is no error here: `channel.close` rejects every pending call.
      child.send(message, () => {});
    },
  });
  let hasEnded = false;

  async function waitForEnd(): Promise<string> {
    let how: string;
    try {
      // The last messages may arrive after the exit, hence both. A process that could not be started emits neither.
      await Promise.all([once(child, "exit"), once(child, "disconnect")]);
      const { exitCode, signalCode } = child;
      how = signalCode === null ? `with code ${exitCode}` : `by ${signalCode}`;
    } catch (error) {
      how = `(${toMessage(error)})`;
    }
    hasEnded = true;
    channel.close();
    return how;
  }

  child.on("message", channel.receive);
  // Reported by `ended`; without a listener Node.js would throw it.
  child.on("error", () => {});
  return {
    pid: child.pid,
    channel,
    get hasEnded() {
      return hasEnded;
    },
    get isConnected() {
      return child.connected;
    },
    ended: waitForEnd(),
    disconnect() {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** A terminal or a service manager sends these to every process of a group; only the parent acts on them. */
const IGNORED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Opens the message channel to the process that has started this one, and leaves the signals of a terminal to it.
 * @param ours the calls that the parent may make
 * @param onDisconnect called once, when the parent has closed the channel or has ended
 */
export function connectToParent<Theirs, Ours extends object>(
  ours: Ours,
  onDisconnect: () => void,
): Channel<Theirs> {
  for (const signal of IGNORED_SIGNALS) process.on(signal, () => {});
  const channel = createChannel<Theirs, Ours>({
    peer: "parent process",
    handlers: ours,
    send(message) {
      // If a message cannot be delivered, the parent has ended, and "disconnect" follows.
      process.send?.(message, undefined, undefined, () => {});
    },
  });
  process.on("message", channel.receive);
  process.once("disconnect", () => {
    channel.close();
    onDisconnect();
  });
  return channel;
}
