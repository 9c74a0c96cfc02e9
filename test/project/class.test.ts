import { execFile } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createFolder } from "../support/folders.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("../../examples/class/class.sh", import.meta.url));

const TIMEOUT_MS = 180_000;
/** Two ports of this process, below those that the system gives to connections. */
const PORT = 20_000 + 2 * (process.pid % 5_000);
const LOAD_PORT = PORT + 1;

it(
  "examples/class/class.sh starts, lists, resets and stops the server of a learner",
  async () => {
    await using folder = await createFolder();
    const env = {
      ...process.env,
      CLASS_DIR: `${folder.path}/class`,
      CLASS_PORT: String(PORT - 1),
      CLASS_LOAD_PORT: String(LOAD_PORT - 1),
    };
    const runClass = async (...words: string[]): Promise<string> =>
      (await run(SCRIPT, words, { env })).stdout;
    const isReady = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${PORT}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    const old = `${folder.path}/class/01/models/old`;
    try {
      await runClass("start", "1");
      expect(await isReady()).toBe(true);
      expect(await runClass("list")).toMatch(
        new RegExp(String.raw`^01  http://127\.0\.0\.1:${PORT}/console  running  [1-9]\d* MB`),
      );
      await writeFile(old, "");
      await runClass("reset", "01");
      expect(await isReady()).toBe(true);
      await expect(access(old)).rejects.toThrow("ENOENT");
    } finally {
      await runClass("stop");
    }
    expect(await isReady()).toBe(false);
    expect(await runClass("list")).toContain("stopped");
  },
  TIMEOUT_MS,
);
