import type { Worker } from "node:cluster";

/** How often to look whether all that a worker has sent has been read, once it has ended. */
const STEP_MS = 5;

/**
 * Saves the connection that a worker was just being given when it was killed.
 *
 * node:cluster gives a worker one connection at a time and waits for its word that it has taken it. When the worker ends
 * instead, Node (26) never says that its channel is closed, neither gives the connection to another nor closes it, and the
 * client waits for ever. So both are said here in its place: that the channel is closed, and that the connection was not
 * taken. Should Node come to do this itself, nothing more happens here; the test of workers that hang would tell if it said
 * it in another way.
 *
 * @param othersServe whether there is another worker to take it; else the connection is closed
 */
export function handBackConnection(worker: Worker, othersServe: () => boolean): void {
  const child = worker.process;
  const send = child.send.bind(child);
  let offered: unknown;
  let isDisconnected = false;
  child.send = (message: unknown, ...rest: readonly unknown[]) => {
    if (isOffer(message)) offered = message.seq;
    return Reflect.apply(send, child, [message, ...rest]);
  };

  child.once("exit", function sayDisconnected() {
    if (child.connected) setTimeout(sayDisconnected, STEP_MS);
    // What it sent last is told first.
    else setImmediate(() => isDisconnected || child.emit("disconnect"));
  });
  // After node:cluster's own listener, which takes the worker off the list of those that get connections. A connection
  // that was taken is not waited for any more: then this is not heard.
  child.once("disconnect", () => {
    isDisconnected = true;
    const accepted = !othersServe();
    child.emit("internalMessage", { cmd: "NODE_CLUSTER", ack: offered, accepted });
  });
}

function isOffer(message: unknown): message is { readonly seq: unknown } {
  return (
    typeof message === "object" && message !== null && "act" in message && message.act === "newconn"
  );
}
