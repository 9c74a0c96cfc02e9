import { parentPort, workerData } from "node:worker_threads";
import { toMessage } from "../kernel/errors.ts";
import { systemClock } from "../kernel/clock.ts";
import type { FromThread, ThreadTask, ToThread } from "./monitor.ts";
import { createRuntime } from "./runtime.ts";

/** The monitor's thread: hears the main thread, and lets requests take turns with scrapes and rules. */
async function runThread(task: ThreadTask): Promise<void> {
  const pages = new Map<number, PromiseWithResolvers<string>>();
  const asked: Extract<ToThread, { kind: "ask" }>[] = [];
  let lastPage = 0;

  const runtime = await createRuntime(task, {
    clock: systemClock,
    log: {
      info: (message) => tell({ kind: "log", level: "info", message }),
      warn: (message) => tell({ kind: "log", level: "warn", message }),
      error: (message) => tell({ kind: "log", level: "error", message }),
    },
    showFigures: (figures) => tell({ kind: "figures", figures }),
    renderPage() {
      lastPage += 1;
      const page = Promise.withResolvers<string>();
      pages.set(lastPage, page);
      tell({ kind: "wanted page", id: lastPage });
      return page.promise;
    },
  });

  /** One request in each turn of the event loop: timers and messages have theirs in between. */
  function answerNext(): void {
    const next = asked.shift();
    if (next === undefined) return;
    const waitedSeconds = Math.max(0, systemClock.nowMs() - next.askedMs) / 1_000;
    const reply = runtime.answer(next.request, waitedSeconds);
    tell({ kind: "reply", id: next.id, reply }, [reply.body.buffer]);
    if (asked.length > 0) setImmediate(answerNext);
  }

  parentPort?.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "ask":
        asked.push(message);
        if (asked.length === 1) setImmediate(answerNext);
        break;
      case "page":
        pages.get(message.id)?.resolve(message.text);
        pages.delete(message.id);
        break;
      case "no page":
        pages.get(message.id)?.reject(new Error(message.reason));
        pages.delete(message.id);
        break;
      case "reload":
        void runtime.reload();
        break;
      case "close":
        runtime
          .close()
          .catch((error: unknown) =>
            tell({ kind: "log", level: "error", message: toMessage(error) }),
          )
          .finally(() => parentPort?.close());
        break;
    }
  });
  tell({ kind: "ready" });
}

function tell(message: FromThread, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, [...transfer]);
}

await runThread(workerData as ThreadTask);
