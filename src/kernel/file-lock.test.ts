import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { createFolder } from "../../test/support/folders.ts";
import { takeFileLock, takeTemporaryFileLock, waitForFileLock } from "./file-lock.ts";

const MODULE = new URL("./file-lock.ts", import.meta.url).href;

describe("a file lock", () => {
  it("excludes a second holder until it is released, and only its owner can open the file", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "lock");
    const lock = takeFileLock(path);
    expect(takeFileLock(path)).toBeNull();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    lock?.[Symbol.dispose]();
    using again = takeFileLock(path);
    expect(again).not.toBeNull();
  });

  it("replaces a file of another program, and keeps the target of a link", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "lock");
    await writeFile(join(folder.path, "precious"), "x".repeat(2_000));
    await symlink("precious", path);
    using lock = takeFileLock(path);
    expect(lock).not.toBeNull();
    expect((await stat(join(folder.path, "precious"))).size).toBe(2_000);
  });
});

/** Takes the lock in another process. */
function takeElsewhere(path: string): string {
  const source = `
    const { takeFileLock } = await import(${JSON.stringify(MODULE)});
    console.log(takeFileLock(${JSON.stringify(path)}) === null ? "held" : "free");`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
  }).trim();
}

describe.each([
  ["a file lock", takeFileLock],
  ["a temporary file lock", takeTemporaryFileLock],
])("%s", (_name, take) => {
  it("excludes other processes, also after this one has tried again", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "lock");
    const lock = take(path);
    expect(take(path)).toBeNull();
    expect(takeElsewhere(path)).toBe("held");
    lock?.[Symbol.dispose]();
    expect(takeElsewhere(path)).toBe("free");
  });
});

describe("a temporary file lock", () => {
  it("removes its file when it is released", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "lock");
    const lock = takeTemporaryFileLock(path);
    expect(takeTemporaryFileLock(path)).toBeNull();
    expect(existsSync(path)).toBe(true);
    lock?.[Symbol.dispose]();
    expect(existsSync(path)).toBe(false);
    const other = takeTemporaryFileLock(path);
    // A second release does not remove the file of the next holder.
    lock?.[Symbol.dispose]();
    expect(existsSync(path)).toBe(true);
    other?.[Symbol.dispose]();
  });

  it("has one holder at a time while threads take and release it", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "lock");
    const shared = new SharedArrayBuffer(8);
    const source = `
      const { workerData } = require("node:worker_threads");
      const [holders, problems] = [new Int32Array(workerData.shared, 0, 1), new Int32Array(workerData.shared, 4, 1)];
      import(${JSON.stringify(MODULE)}).then(async ({ waitForFileLock }) => {
        for (let i = 0; i < 100; i++) {
          const lock = await waitForFileLock(workerData.path, 60);
          if (lock === null || Atomics.add(holders, 0, 1) !== 0) Atomics.add(problems, 0, 1);
          Atomics.sub(holders, 0, 1);
          lock?.[Symbol.dispose]();
        }
      });`;
    const ends = Array.from({ length: 4 }, () => {
      const worker = new Worker(source, { eval: true, workerData: { shared, path } });
      return new Promise((resolve, reject) => worker.once("error", reject).once("exit", resolve));
    });
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0]);
    expect([...new Int32Array(shared)]).toEqual([0, 0]);
    expect(existsSync(path)).toBe(false);
  });

  it("has one holder at a time while processes take and release it", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "lock");
    const counter = join(folder.path, "counter");
    await writeFile(counter, "0");
    // Without exclusion, two read the same number, or one reads the empty file that the other writes.
    const source = `
      import { readFileSync, writeFileSync } from "node:fs";
      const { takeTemporaryFileLock } = await import(${JSON.stringify(MODULE)});
      for (let i = 0; i < 50; i++) {
        let lock = null;
        while (lock === null) lock = takeTemporaryFileLock(${JSON.stringify(path)});
        const count = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
        writeFileSync(${JSON.stringify(counter)}, String(count + 1));
        lock[Symbol.dispose]();
      }`;
    const run = promisify(execFile);
    const words = ["--input-type=module", "-e", source];
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, words)));
    expect(await readFile(counter, "utf8")).toBe("200");
    expect(existsSync(path)).toBe(false);
  });

  it("is null for a caller that waits too long", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "lock");
    using _lock = takeTemporaryFileLock(path);
    expect(await waitForFileLock(path, 0.05)).toBeNull();
  });
});
