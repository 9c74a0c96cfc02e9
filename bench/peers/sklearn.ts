import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A Python process with scikit-learn that handles one request at a time (train_sklearn.py). */
export interface SklearnPeer extends AsyncDisposable {
  call(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
}

const SCRIPT = new URL("./train_sklearn.py", import.meta.url).pathname;

/** Starts scikit-learn with TEPAL_PYTHON, /usr/bin/python3 or python3. @returns null if none of them has it */
export function startSklearn(): SklearnPeer | null {
  const pythons = [process.env["TEPAL_PYTHON"], "/usr/bin/python3", "python3"];
  const python = pythons.find((path) => path !== undefined && hasSklearn(path));
  if (python === undefined) return null;

  const child: ChildProcess = spawn(python, [SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
  if (child.stdin === null || child.stdout === null) throw new Error("Python has no pipes.");
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  return {
    async call(request) {
      stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`scikit-learn exited at ${JSON.stringify(request)}.`);
      return JSON.parse(value);
    },
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      stdin.end();
      await exit;
    },
  };
}

function hasSklearn(python: string): boolean {
  return spawnSync(python, ["-c", "import sklearn"]).status === 0;
}
