import { parentPort } from "node:worker_threads";
import { createChannel, transfer } from "../../kernel/channel.ts";
import { readArtifact, type Artifact } from "../artifact.ts";
import type { LoadCalls } from "./thread-calls.ts";
import { verifyArtifact, type VerifiedModel } from "./verify-artifact.ts";

/** Runs the loading thread (loader.ts). */
function runThread(): void {
  const port = parentPort;
  if (port === null) throw new Error("This file runs in a worker thread");
  const handlers: LoadCalls = {
    load: async (directory) => verify(await readArtifact(directory)),
    verify: async (artifact) => verify(artifact),
  };
  const main = createChannel<object, LoadCalls>({
    send: (message, buffers) => port.postMessage(message, [...buffers]),
    handlers,
    peer: "server",
  });
  port.on("message", main.receive);
}

function verify(artifact: Artifact): VerifiedModel {
  const verified = verifyArtifact(artifact);
  return transfer(verified, listBuffers([verified.model, verified.guard]));
}

/** Lists the buffers of all typed arrays in a value of plain objects and arrays. */
function listBuffers(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    if (!ArrayBuffer.isView(part)) for (const child of Object.values(part)) visit(child);
    else if (part.buffer instanceof ArrayBuffer) found.add(part.buffer);
  };
  visit(value);
  return [...found];
}

runThread();
