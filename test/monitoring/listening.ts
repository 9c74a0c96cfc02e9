import { spawn } from "node:child_process";
import { once } from "node:events";

/** A program that serves on a free port of this machine. Disposing of it kills it. */
export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** Starts one of Prometheus's programs, which say in their log where they listen. */
export async function startListening(
  program: "prometheus" | "prometheus-node-exporter",
  words: readonly string[] = [],
): Promise<Listening> {
  const child = spawn(program, ["--web.listen-address=127.0.0.1:0", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (log += chunk));
  const ended = once(child, "close");
  for (;;) {
    const address = /msg="Listening on" address=(\S+)/.exec(log)?.[1];
    if (address !== undefined) {
      return {
        url: `http://${address}`,
        async [Symbol.asyncDispose]() {
          child.kill("SIGKILL");
          await ended;
        },
      };
    }
    if (child.exitCode !== null) throw new Error(`${program} ended: ${log}`);
    await Promise.race([once(child.stderr, "data"), ended]);
  }
}
