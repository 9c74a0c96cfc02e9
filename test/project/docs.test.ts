import { execFile } from "node:child_process";
import { glob, readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { startServer } from "../support/server.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGES = await Array.fromAsync(glob("{*.md,docs/**/*.md}", { cwd: ROOT }));
const readPage = (path: string): Promise<string> => readFile(`${ROOT}${path}`, "utf8");
const README = await readPage("README.md");
const GET_STARTED = await readPage("docs/getting-started.md");

/** Each curl with a JSON body, and the reply shown below it, if there is one. */
const SHOWN = [
  ...`${README}${GET_STARTED}`.matchAll(/```sh\n(curl [^`]+?)```(?:\n\n```json\n([^`]+?)```)?/g),
]
  .map(([, command = "", reply]) => ({ command, reply }))
  .filter(({ command }) => command.includes("application/json"));

describe("the README and docs/", () => {
  it("shows real replies: each curl gets the reply below it", async () => {
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
    const page = await readPage("docs/your-model.md");
    const shown = /```text\n(150 rows[^`]+?)\n```/.exec(page)?.[1] ?? "nothing";
    const { stdout } = await runCli(["train"], folder.path);
    const timeless = (text: string): string => text.replace(/\d+\.\d s$/m, "T s");
    expect(timeless(stdout)).toContain(timeless(shown));
  });

  it("is short, and lists every page of docs/ in its index", async () => {
    expect(README.split("\n").length).toBeLessThanOrEqual(180);
    const index = await readPage("docs/README.md");
    const missing = PAGES.filter(
      (page) => /^docs\/[^/]+\.md$/.test(page) && page !== "docs/README.md",
    )
      .map((page) => page.replace("docs/", ""))
      .filter((page) => !index.includes(`](${page})`));
    expect(missing).toEqual([]);
  });

  it.each(PAGES)("%s links to files and headings that exist", async (page) => {
    const text = await readPage(page);
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links) {
      const [path = "", anchor] = link.split("#");
      const target =
        path === "" ? `${ROOT}${page}` : fileURLToPath(new URL(path, `file://${ROOT}${page}`));
      await expect(stat(target), `${page}: ${link}`).resolves.toBeTruthy();
      if (anchor === undefined) continue;
      expect(toAnchors(await readFile(target, "utf8")), `${page}: ${link}`).toContain(anchor);
    }
  });
});

/** Returns the anchors of a page's headings, as GitHub makes them. */
function toAnchors(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
