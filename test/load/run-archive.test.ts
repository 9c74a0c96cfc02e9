import { mkdir, readFile, readdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { openRunArchive } from "../../src/load/page/open-run-archive.ts";
import type { RunArchive } from "../../src/load/page/run-archive.ts";
import type { RunReport } from "../../src/load/contract/report.ts";
import { createFolder } from "../support/folders.ts";
import { SCRIPT, SHORT_RUN, startLoadPage } from "../support/load-page.ts";
import { startServer } from "../support/server.ts";

const resources = new AsyncDisposableStack();
let report: RunReport;
let url = "";
beforeAll(async () => {
  const server = resources.use(await startServer());
  ({ url } = server);
  await using page = await startLoadPage({ script: SCRIPT, host: url });
  report = await page.run(SHORT_RUN);
});
afterAll(() => resources.disposeAsync());

/** Returns the same run with the id of another second. */
const runOf = (second: number): RunReport => ({
  ...report,
  id: `20260101T0000${String(second).padStart(2, "0")}-abcd`,
});

async function openIn(
  folder: string,
  limits: { readonly maxRuns?: number; readonly maxBytes?: number } = {},
): Promise<RunArchive & { readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  return {
    ...(await openRunArchive(folder, { clock: systemClock, onWarning, ...limits })),
    warnings,
  };
}
const toIds = (runs: readonly { readonly id: string }[]): readonly string[] =>
  runs.map(({ id }) => id);

describe("the run archive", () => {
  it("keeps runs over a restart of the page", async () => {
    await using folder = await createFolder();
    const data = `${folder.path}/deep/runs`;
    let first: RunReport;
    {
      await using page = await startLoadPage({ script: SCRIPT, host: url, data });
      first = await page.run(SHORT_RUN);
    }
    await using page = await startLoadPage({ script: SCRIPT, host: url, data });
    const { json } = await page.send("/api/load/runs");
    expect(json.runs).toEqual([
      {
        id: first.id,
        started_at_ms: first.started_at_ms,
        ended_at_ms: first.ended_at_ms,
        host: url,
        profile: SHORT_RUN.profile,
        outcome: first.verdict?.outcome,
        total: JSON.parse(JSON.stringify(first.total)),
      },
    ]);
    expect((await page.send(`/api/load/runs/${first.id}`)).json).toEqual(
      JSON.parse(JSON.stringify(first)),
    );
    const html = await page.send(`/api/load/runs/${first.id}/report.html`);
    expect(html.text).toContain(first.id);
  });

  it.each([
    ["users", { kind: "users", users: 2, spawn_rate: 9 }],
    ["constant_rate", { kind: "constant_rate", rate: 20, poisson: false, max_users: 9 }],
    [
      "ramping_rate",
      {
        kind: "ramping_rate",
        from_rate: 1,
        to_rate: 20,
        ramp_seconds: 1,
        poisson: true,
        max_users: 9,
      },
    ],
    ["baseline", { kind: "baseline", users: 2, spawn_rate: 9, stage_seconds: 1 }],
    ["recovery", { kind: "recovery", users: 4, spawn_rate: 9, stage_seconds: 1 }],
    ["custom", { kind: "custom" }],
  ] as const)("accepts a run of the profile %s", async (_kind, profile) => {
    const script = `${SCRIPT.replace("export default [", "const users = [")}
      import { defineLoadTest } from "tepal/load";
      export default defineLoadTest({ users, shape: (s) => (s > 1 ? null : { users: 2, spawnRate: 9 }) });`;
    await using page = await startLoadPage({ script, host: url });
    const { id } = await page.run({ profile, run_time_seconds: 1.5 });
    await page.post("/api/load/stop");
    expect((await page.send("/api/load/runs")).json.runs).toMatchObject([{ id, profile }]);
    expect(page.logs).toEqual([]);
  });

  it("ignores damaged and foreign files with one warning each, and lists the others", async () => {
    await using folder = await createFolder();
    const archive = await openIn(folder.path);
    await archive.save(runOf(1));
    const text = await readFile(join(folder.path, `${runOf(1).id}.json`), "utf8");
    const put = (second: number, content: string): Promise<void> =>
      writeFile(join(folder.path, `${runOf(second).id}.json`), content);
    await put(2, text.slice(0, text.length / 2));
    await put(3, "");
    await put(4, '{"id":"20260101T000004-abcd"}');
    // The report of another run; one with a string for a number; one with a null.
    await put(5, text);
    await put(
      6,
      text.replace(runOf(1).id, runOf(6).id).replace(/"requests":\d+/, '"requests":"1"'),
    );
    await put(
      7,
      text.replace(runOf(1).id, runOf(7).id).replace(/"total":\{/, '"total":null,"x":{'),
    );
    await mkdir(join(folder.path, `${runOf(8).id}.json`));
    await symlink("/nowhere", join(folder.path, `${runOf(9).id}.json`));
    await writeFile(join(folder.path, "notes.txt"), "mine");
    // A newer version may write more fields.
    await put(10, text.replace(runOf(1).id, runOf(10).id).replace("{", '{"new":1,'));

    expect(toIds(await archive.list())).toEqual([runOf(10).id, runOf(1).id]);
    expect(archive.warnings).toHaveLength(6);
    for (const warning of archive.warnings) expect(warning).toMatch(/^Ignored .*abcd\.json: /);
    await archive.list();
    expect(archive.warnings).toHaveLength(6);
    for (const second of [2, 3, 4, 5, 6, 7, 8, 9]) {
      expect(await archive.read(runOf(second).id)).toBeUndefined();
    }
    expect(await readFile(join(folder.path, "notes.txt"), "utf8")).toBe("mine");
    // A repaired file is listed again.
    await put(2, text.replace(runOf(1).id, runOf(2).id));
    expect(toIds(await archive.list())).toContain(runOf(2).id);
  });

  it("never leaves its folder for an id", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "20260101T000000-abcd.json"), JSON.stringify(runOf(0)));
    const archive = await openIn(`${folder.path}/runs`);
    for (const id of [
      "../20260101T000000-abcd",
      "..",
      "",
      "/etc/passwd",
      "20260101T000000-abcd/../../20260101T000000-abcd",
      "20260101T000000-abcd\0",
      "20260101T000000-abcd\n",
    ]) {
      expect(await archive.read(id)).toBeUndefined();
      expect(await archive.remove(id)).toBe(false);
      await expect(archive.save({ ...report, id })).rejects.toThrow(
        "Cannot save a run with the invalid id",
      );
    }
    expect(await readdir(folder.path)).toHaveLength(2);
    expect(await readdir(`${folder.path}/runs`)).toEqual([]);
  });

  it("keeps the newest runs, limited by number and size", async () => {
    await using folder = await createFolder();
    const few = await openIn(`${folder.path}/few`, { maxRuns: 3 });
    for (const second of [4, 2, 5, 1, 3]) await few.save(runOf(second));
    expect(toIds(await few.list())).toEqual([5, 4, 3].map((second) => runOf(second).id));
    expect(await readdir(`${folder.path}/few`)).toHaveLength(3);
    const size = JSON.stringify(report).length;
    const small = await openIn(`${folder.path}/small`, { maxBytes: size * 2.5 });
    for (const second of [1, 2, 3]) await small.save(runOf(second));
    expect(toIds(await small.list())).toEqual([3, 2].map((second) => runOf(second).id));
    // The newest run stays, however large it is.
    const tiny = await openIn(`${folder.path}/tiny`, { maxBytes: 1 });
    await tiny.save(runOf(1));
    expect(await tiny.list()).toHaveLength(1);
  });

  it("is shared: it lists the runs of other processes, and leaves their saves in progress alone", async () => {
    await using folder = await createFolder();
    const one = await openIn(folder.path);
    const young = join(folder.path, `.${runOf(1).id}.${"a".repeat(32)}.tmp`);
    const stale = join(folder.path, `.${runOf(2).id}.${"b".repeat(32)}.tmp`);
    await writeFile(young, "{");
    await writeFile(stale, "{");
    await utimes(stale, 0, 0);
    const other = await openIn(folder.path);
    expect(await readdir(folder.path)).toEqual([young.slice(folder.path.length + 1)]);
    expect(await one.list()).toEqual([]);
    await other.save(runOf(3));
    expect(toIds(await one.list())).toEqual([runOf(3).id]);
    expect(await one.remove(runOf(3).id)).toBe(true);
    expect(await other.read(runOf(3).id)).toBeUndefined();
  });

  it("reports a folder that cannot be written", async () => {
    await using folder = await createFolder();
    await writeFile(`${folder.path}/file`, "");
    await expect(openIn(`${folder.path}/file/runs`)).rejects.toMatchObject({
      code: "CANNOT_WRITE",
      message: expect.stringContaining("--data-dir"),
    });
  });
});
