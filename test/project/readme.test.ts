import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { startServer } from "../support/server.ts";

const run = promisify(execFile);
const README = await readFile(new URL("../../README.md", import.meta.url), "utf8");

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Each curl of the README with the reply that is shown below it, if there is one. */
const SHOWN = [...README.matchAll(/```sh\n(curl [^`]+?)```(?:\n\n```json\n([^`]+?)```)?/g)]
  .map(([, command = "", reply]) => ({ command, reply }))
  .filter(({ command }) => command.includes("application/json"));

describe("the README", () => {
  it("shows real replies: each curl answers what stands below it", async () => {
    // The model of a first `npm start`.
    await using server = await startServer(
      {},
      { prepare: (models) => runCli(["train", "--models", models], "/") },
    );
    expect(SHOWN.filter(({ reply }) => reply !== undefined)).toHaveLength(2);
    for (const { command, reply } of SHOWN) {
      const { stdout } = await run("sh", [
        "-c",
        command.replaceAll("http://127.0.0.1:8000", server.url),
      ]);
      const answered: unknown = JSON.parse(stdout);
      expect(answered).toHaveProperty("model.name", "iris");
      if (reply !== undefined) {
        const shown: unknown = JSON.parse(reply);
        expect(answered).toEqual({ ...Object(shown), id: expect.any(String) });
      }
    }
  });

  it("shows the real lines of a stream, and scores a file without a server", async () => {
    await using folder = await createFolder();
    const models = `${folder.path}/models`;
    await using server = await startServer(
      {},
      { prepare: (path) => runCli(["train", "--models", path], "/") },
    );
    const [, command = "", lines] =
      /```sh\n(curl [^`]+text\/csv[^`]+?)```\n\n```csv\n([^`]+?)```/.exec(README) ?? [];
    const asked = command.replaceAll("http://127.0.0.1:8000", server.url);
    expect((await run("sh", ["-c", asked], { cwd: ROOT })).stdout).toBe(lines);

    await runCli(["train", "--models", models], "/");
    const [, words = ""] = /npm run tepal -- (score .+)/.exec(README) ?? [];
    const inRoot = words.replace("examples/", `${ROOT}examples/`).split(" ");
    const scored = await runCli(inRoot, folder.path);
    expect(scored).toMatchObject({ code: 0, stderr: expect.stringContaining("Wrote scored.csv") });
    const text = await readFile(`${folder.path}/scored.csv`, "utf8");
    expect(text.startsWith(lines ?? "nothing")).toBe(true);
  });

  it("shows the real report of a training", async () => {
    await using folder = await createFolder();
    const shown = /```text\n(150 rows[^`]+?)\n```/.exec(README)?.[1] ?? "nothing";
    const { stdout } = await runCli(["train"], folder.path);
    const timeless = (text: string): string => text.replace(/\d+\.\d s$/m, "T s");
    expect(timeless(stdout)).toContain(timeless(shown));
  });

  it("links only to files that are there", async () => {
    const links = [...README.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      await expect(
        readFile(new URL(`../../${link}`, import.meta.url), "utf8"),
      ).resolves.toBeTruthy();
    }
  });
});
