import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { MAIN, runCli, startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris } from "../support/models.ts";

/** Runs a shell command in which `tepal` is the command line. */
function runShell(command: string, folder: string): { code: number | null; stderr: string } {
  const script = `tepal() { "${process.execPath}" "${MAIN}" "$@"; }\n${command}`;
  const { status, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", script], {
    cwd: folder,
    encoding: "utf8",
  });
  return { code: status, stderr };
}

describe("output", () => {
  // `true` ends before anything is written to it.
  it.each(["tepal --help", "tepal keys --help", "tepal keys list", "tepal secrets make"])(
    "of `%s` ends quietly if its reader has ended",
    async (command) => {
      await using folder = await createFolder();
      const { stored } = createKey("a", "predict", "2026-01-01");
      await writeKeysFile(
        join(folder.path, "api-keys.json"),
        Array.from({ length: 2_000 }, () => stored),
      );
      expect(runShell(`${command} | true`, folder.path)).toEqual({ code: 0, stderr: "" });
    },
  );

  it("that has no reader does not keep a command from its work", async () => {
    await using folder = await createFolder();
    const { code } = runShell(
      "(sleep 0.2; tepal train --models models --trees 2) | true",
      folder.path,
    );
    expect(code).toBe(0);
    expect(await readdir(join(folder.path, "models/iris/1"))).toContain("manifest.json");
  });

  it.runIf(existsSync("/dev/full")).each(["tepal keys list", "tepal score rows.csv --jobs 1"])(
    "of `%s` that cannot be written is an error",
    async (command) => {
      await using folder = await createFolder();
      await copyIris(join(folder.path, "models"));
      await writeKeysFile(join(folder.path, "api-keys.json"), [
        createKey("a", "predict", "2026-01-01").stored,
      ]);
      await writeFile(
        join(folder.path, "rows.csv"),
        `sepal_length,sepal_width,petal_length,petal_width\n${"5.1,3.5,1.4,0.2\n".repeat(5_000)}`,
      );
      const { code, stderr } = runShell(`${command} >/dev/full`, folder.path);
      expect(code).toBe(1);
      expect(stderr).toContain("tepal: Cannot write standard output: ENOSPC");
      expect(stderr).not.toMatch(/^ +at /m);
    },
  );

  it("shows the control characters of names from files as escapes", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "api-keys.json");
    const hostile = "\u001b[2Jboss\n00000000  admin \u202e\u009b31m";
    await writeKeysFile(path, [createKey(hostile, "predict", "2026-01-01").stored]);
    const list = await runCli(["keys", "list"], folder.path);
    expect(list.stdout).toContain(String.raw`\x1b[2Jboss\n00000000  admin \u202e\x9b31m`);
    expect(list.stdout.split("\n")).toHaveLength(2);

    await writeFile(join(folder.path, "t.csv"), "a,\u001b[31mred,y\n1,2,3\n");
    const train = await runCli(["train", "--data", "t.csv", "--target", "z"], folder.path);
    expect(train.stderr).toContain(String.raw`\x1b[31mred`);
    expect(train.stderr).not.toContain("\u001b");

    const added = await runCli(["keys", "add", "--name", hostile, "--role", "admin"], folder.path);
    expect(added).toMatchObject({ code: 2, stderr: expect.stringContaining("control characters") });
  });

  it("is printed by the functions that escape control characters", async () => {
    const folder = new URL("../../src/cli/", import.meta.url);
    const files = await readdir(folder, { recursive: true });
    const direct: string[] = [];
    for (const file of files) {
      if (!file.endsWith(".ts") || /^terminal.(?:print|live-text|progress)\.ts$/.test(file))
        continue;
      const text = await readFile(new URL(file, folder), "utf8");
      if (/process\.std(?:out|err)\.write|console\./.test(text)) direct.push(file);
    }
    expect(direct).toEqual([]);
  });
});

describe("a server", () => {
  it("continues when the readers of its log and its output have ended", async () => {
    await using folder = await createFolder();
    await copyIris(join(folder.path, "models"));
    const words = ["up", "--port", "0", "--no-load", "--no-monitor", "--log-level", "debug"];
    await using running = startCli(words, folder.path);
    const url = await waitForOutput(running, /(http:\/\/127\.0\.0\.1:\d+)\/predict/);
    running.process.stdout?.destroy();
    running.process.stderr?.destroy();
    // Each is logged, to a pipe without a reader.
    for (let i = 0; i < 3; i++) {
      running.process.kill("SIGHUP");
      await setTimeout(20);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    }
    running.process.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
  });
});
