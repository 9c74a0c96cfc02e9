import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { startServer } from "../support/server.ts";

describe("tepal load --init", () => {
  it("writes a script for the default model that runs without failures", async () => {
    await using server = await startServer();
    await using folder = await createFolder();
    const init = ["load", "own.ts", "--init", "--host", server.url];
    expect(await runCli(init, folder.path)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Wrote own\.ts for the model iris, with 30 training rows\. Run it: tepal load own\.ts$/m,
      ),
    });
    const script = await readFile(`${folder.path}/own.ts`, "utf8");
    expect(script.match(/^ {2}\[[\d.,]+\],$/gm)).toHaveLength(30);

    const run = await runCli(
      [
        "load",
        "own.ts",
        "--host",
        server.url,
        "--headless",
        "--users",
        "6",
        "--spawn-rate",
        "50",
        "--run-time",
        "2s",
        "--json",
        "report.json",
        "--threshold",
        "failures<0.001",
      ],
      folder.path,
    );
    expect(run.stdout).toMatch(/^passed {3}failures<0\.001/m);
    const report = JSON.parse(await readFile(`${folder.path}/report.json`, "utf8"));
    expect(report.total).toMatchObject({ failures: 0 });
    expect(report.endpoints.map(({ name }: { name: string }) => name)).toContain("predict");
  });

  it("overwrites nothing, and names the models of the server", async () => {
    await using server = await startServer();
    await using folder = await createFolder();
    await writeFile(`${folder.path}/own.ts`, "mine");
    const init = (...words: string[]) =>
      runCli(["load", "own.ts", "--host", server.url, ...words], folder.path);
    expect(await init("--init")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("own.ts exists. Choose another name, or delete it."),
    });
    expect(await readFile(`${folder.path}/own.ts`, "utf8")).toBe("mine");
    expect(await init("--init", "--model", "wine")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'Invalid option --model: Expected one of its models (iris), got "wine".',
      ),
    });
    expect(await init("--model", "iris")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Invalid option --model: It requires --init."),
    });
  });

  it("writes one typical row if the server shows no training rows", async () => {
    await using server = await startServer({ referenceRows: false });
    await using folder = await createFolder();
    const run = await runCli(["load", "own.ts", "--init", "--host", server.url], folder.path);
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining("one typical row") });
    const script = await readFile(`${folder.path}/own.ts`, "utf8");
    expect(script.match(/^ {2}\[[\d.,]+\],$/gm)).toEqual(["  [5.1,3.5,1.4,0.2],"]);
  });
});
