import type { Worker } from "node:cluster";

/** The interval of the check, after a worker's exit, that everything it sent has been read. */
const STEP_MS = 5;

/**
 * Requeues the connection that a worker was being given when it was killed.
 *
 * node:cluster gives a worker one connection at a time and waits until the worker has accepted it. If the worker ends
 * instead, Node (26) never emits "disconnect", gives the connection to no other worker and does not close it, and the client
 * waits for ever. This function emits both events in Node's place: that the channel is closed, and that the connection
 * was not accepted. If a later Node does this itself, the events here change nothing; the test of hung workers would fail
 * if Node did it differently.
 *
 * @param othersServe returns true if another worker can take the connection; otherwise it is closed
 */
export function requeueConnection(worker: Worker, othersServe: () => boolean): void {
  const child = worker.process;
  const send = child.send.bind(child);
  let offered: unknown;
  let isDisconnected = false;
  child.send = (message: unknown, ...rest: readonly unknown[]) => {
    if (isOffer(message)) offered = message.seq;
    return Reflect.apply(send, child, [message, ...rest]);
  };

  child.once("exit", function emitDisconnect() {
    if (child.connected) setTimeout(emitDisconnect, STEP_MS);
    // After the worker's last messages.
    else setImmediate(() => isDisconnected || child.emit("disconnect"));
  });
  // After node:cluster's own listener, which removes the worker from the list of those that get connections. It ignores
  // the message for a connection that the worker had accepted.
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
