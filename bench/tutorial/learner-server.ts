import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { queryInstant } from "../../scripts/docs/query.ts";
import { startUp } from "../../scripts/servers/start-up.ts";
import { createFolder } from "../../test/support/folders.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PORTS = { port: 21_100, loadPort: 21_101 };

/** A server in a folder of its own, as `npm start` starts it in a new clone. Disposing ends it. */
export interface LearnerServer extends AsyncDisposable {
  readonly url: string;
  /** Runs a program of the repository in the folder. @returns its output */
  run(words: readonly string[], options?: { readonly mayFail?: boolean }): Promise<string>;
  /** Returns the first value of an instant query; NaN without a series. */
  query(expr: string): Promise<number>;
}

export async function startLearnerServer(options: readonly string[]): Promise<LearnerServer> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await createFolder());
  for (const name of ["examples", "deploy"])
    await symlink(join(ROOT, name), join(folder.path, name));
  const { url } = resources.use(await startUp(folder.path, PORTS, options));
  return {
    url,
    async run([program = "", ...words], { mayFail = false } = {}) {
      const args = [join(ROOT, program), ...words];
      const running = promisify(execFile)(process.execPath, args, { cwd: folder.path });
      const { stdout } = await (mayFail ? running.catch(toOutput) : running);
      return stdout;
    },
    async query(expr) {
      const [sample] = await queryInstant(`${url}/prometheus`, expr);
      return sample?.value ?? Number.NaN;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The output of a program that ended with another exit code than 0. */
function toOutput(error: unknown): { readonly stdout: string } {
  const { stdout = "" } = error as { readonly stdout?: string };
  return { stdout };
}
