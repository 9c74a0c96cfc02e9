import { Worker } from "node:worker_threads";
import { createChannel, type Channel } from "../../kernel/channel.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { measureArtifact, readArtifact, type Artifact } from "../artifact.ts";
import { DEFAULT_ENGINE, type EngineOptions } from "../engine/options.ts";
import { isRemote, type AnyExecutor, type LoadedModel } from "../model.ts";
import type { LoadCalls } from "./thread-calls.ts";
import { openModel, verifyArtifact, type VerifiedModel } from "./verify-artifact.ts";

// In a variable, so that bundlers do not treat it as an asset.
const threadFile = import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js";

/** Versions of at most this many bytes are checked here, in 30 ms; a thread takes 200 ms of processor time to start. */
const SMALL_BYTES = 256 * 1024;

/**
 * Loads model versions, large ones in a thread: reads the files, checks their digests, parses them, and reproduces the golden pairs. Only typed arrays
 * come back, by transfer, so the event loop of this thread is never busy with a file. One thread loads one version after the other, which
 * bounds the memory; its heap is gone when the loader is disposed.
 *
 *     this thread        loading thread
 *     load ──► path ──►  files ──► digests ──► forest, trust check ──► golden pairs
 *     executor, guard ◄── typed arrays (transferred), manifest ◄──┘
 *
 * The thread starts with the first large version. A version that ends it, for example since its heap is too small for the file, fails; the next
 * version gets a new thread.
 */
export interface Loader extends AsyncDisposable {
  /** Loads a version from its directory. @throws TepalError MODEL_DAMAGED, MODEL_UNSUPPORTED, or CANCELLED after `[Symbol.asyncDispose]` */
  load(directory: string): Promise<LoadedModel<AnyExecutor>>;
  /** Checks a version in memory, of which a thread gets a copy. @throws TepalError as `load` */
  verify(artifact: Artifact): Promise<LoadedModel<AnyExecutor>>;
}

interface LoadingThread {
  readonly channel: Channel<LoadCalls>;
  end(): Promise<void>;
  /** The reason of its end; undefined while it runs. */
  reason: string | undefined;
}

/** @param engine limits of models of another engine, whose processes this thread starts */
export function createLoader(engine: EngineOptions = DEFAULT_ENGINE): Loader {
  let thread: LoadingThread | undefined;
  let isDisposed = false;

  async function run(
    call: (channel: Channel<LoadCalls>) => Promise<VerifiedModel>,
  ): Promise<LoadedModel<AnyExecutor>> {
    if (isDisposed) throw toCancelled();
    if (thread?.reason !== undefined) thread = undefined;
    const current = (thread ??= startThread());
    try {
      return await open(await call(current.channel));
    } catch (cause) {
      if (isDisposed) throw toCancelled();
      const { reason } = current;
      if (reason === undefined) throw cause;
      throw new TepalError("INTERNAL", `The loading thread ended: ${reason}`, { cause });
    }
  }

  async function checkHere(artifact: Artifact): Promise<LoadedModel<AnyExecutor>> {
    if (isDisposed) throw toCancelled();
    return await open(verifyArtifact(artifact));
  }

  async function open(verified: VerifiedModel): Promise<LoadedModel<AnyExecutor>> {
    const model = await openModel(verified, engine);
    if (!isDisposed) return model;
    if (isRemote(model.executor)) await model.executor.close();
    throw toCancelled();
  }

  return {
    async load(directory) {
      const isSmall = (await measureArtifact(directory)) <= SMALL_BYTES;
      return isSmall
        ? checkHere(await readArtifact(directory))
        : run((channel) => channel.call("load", directory));
    },
    async verify(artifact) {
      const { graph, reference } = artifact;
      const isSmall = graph.length + (reference?.length ?? 0) <= SMALL_BYTES;
      return isSmall ? checkHere(artifact) : run((channel) => channel.call("verify", artifact));
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      await thread?.end();
    },
  };
}

function toCancelled(): TepalError {
  return new TepalError("CANCELLED", "Loading was cancelled");
}

function startThread(): LoadingThread {
  const worker = new Worker(new URL(threadFile, import.meta.url), {
    name: "loading",
    // Flags of this process (of a test runner, a debugger) do not apply to the thread.
    execArgv: [],
  });
  const channel = createChannel<LoadCalls, object>({
    send: (message, buffers) => worker.postMessage(message, [...buffers]),
    handlers: {},
    peer: "loading thread",
  });
  const thread: LoadingThread = {
    channel,
    reason: undefined,
    async end() {
      await worker.terminate();
    },
  };
  let reason = "it exited without an error";
  worker.on("message", channel.receive);
  worker.on("messageerror", (error) => (reason = toMessage(error)));
  worker.on("error", (error) => (reason = toMessage(error)));
  worker.on("exit", () => {
    thread.reason = reason;
    channel.close();
  });
  return thread;
}
