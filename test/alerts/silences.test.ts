import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Silences } from "../../src/alerts/alerts.ts";
import { createSilences } from "../../src/alerts/silences/silences.ts";
import { createFolder } from "../support/folders.ts";
import { createTestClock, createTestLog } from "./receiver.ts";

const HOUR_MS = 3_600_000;

async function open(file?: string, clock = createTestClock()) {
  const log = createTestLog();
  const silences = await createSilences({ clock, log, file });
  /** Returns a body as amtool sends it. */
  const toBody = (changes: object = {}) => ({
    matchers: [{ name: "alertname", value: "Down", isRegex: false, isEqual: true }],
    startsAt: new Date(clock.nowMs()).toISOString(),
    endsAt: new Date(clock.nowMs() + HOUR_MS).toISOString(),
    createdBy: "ann",
    comment: "Planned work",
    ...changes,
  });
  return { silences, clock, log, toBody };
}

const DOWN = new Map([
  ["alertname", "Down"],
  ["team", "iris"],
]);
const listStates = (silences: Silences): readonly string[] =>
  silences.list().map(({ status, comment }) => `${comment} ${status.state}`);

describe("silences", () => {
  it("match alerts from their start to their end", async () => {
    const { silences, clock, toBody } = await open();
    const toTime = (hours: number): string =>
      new Date(clock.nowMs() + hours * HOUR_MS).toISOString();
    const now = await silences.put(toBody());
    const later = await silences.put(
      toBody({
        matchers: [
          { name: "alertname", value: "D.*", isRegex: true },
          { name: "team", value: "iris|wine", isRegex: true, isEqual: true },
          { name: "site", value: "", isRegex: false, isEqual: true },
          { name: "zone", value: "b", isRegex: false, isEqual: false },
        ],
        startsAt: toTime(1),
        endsAt: toTime(2),
      }),
    );
    expect(silences.match(DOWN)).toEqual([now]);
    expect(silences.match(new Map([["alertname", "Downtown"]]))).toEqual([]);
    clock.advance(3_599);
    expect(silences.match(DOWN)).toEqual([now]);
    clock.advance(1);
    expect(silences.match(DOWN)).toEqual([later]);
    for (const [name, value] of [
      ["team", "irises"],
      ["site", "berlin"],
      ["zone", "b"],
      ["alertname", "Up"],
    ] as const) {
      expect(silences.match(new Map([...DOWN, [name, value]]))).toEqual([]);
    }
    clock.advance(3_600);
    expect(silences.match(DOWN)).toEqual([]);
    expect(silences.list().map(({ status }) => status.state)).toEqual(["expired", "expired"]);
  });

  it("end at once when they expire, and are listed for five days more", async () => {
    const { silences, clock, toBody } = await open();
    const id = await silences.put(toBody({ comment: "a" }));
    clock.advance(60);
    await silences.put(toBody({ comment: "b" }));
    await silences.expire(id);
    expect(listStates(silences)).toEqual(["b active", "a expired"]);
    expect(silences.find(id).endsAt).toBe(
      new Date(clock.nowMs()).toISOString().replace(".000", ""),
    );
    await expect(silences.expire(id)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(silences.expire("none")).rejects.toMatchObject({ code: "NOT_FOUND" });
    clock.advance(120 * 3_600 - 1);
    expect(listStates(silences)).toEqual(["b expired", "a expired"]);
    clock.advance(2);
    expect(listStates(silences)).toEqual(["b expired"]);
  });

  it("keep their id if the end or the comment changes, and are replaced if the matchers change", async () => {
    const { silences, clock, toBody } = await open();
    const body = toBody({ comment: "a" });
    const id = await silences.put(body);
    clock.advance(60);
    const longer = { ...body, id, endsAt: new Date(clock.nowMs() + 2 * HOUR_MS).toISOString() };
    expect(await silences.put({ ...longer, comment: "b" })).toBe(id);
    expect(listStates(silences)).toEqual(["b active"]);
    const matchers = [{ name: "alertname", value: "Slow", isRegex: false, isEqual: true }];
    const other = await silences.put({ ...longer, matchers, comment: "c" });
    expect(other).not.toBe(id);
    expect(listStates(silences)).toEqual(["c active", "b expired"]);
    expect(silences.find(other).startsAt).toBe(
      new Date(clock.nowMs()).toISOString().replace(".000", ""),
    );
    await expect(silences.put({ ...body, id: "none" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("survive a restart", async () => {
    await using folder = await createFolder();
    const file = `${folder.path}/silences.json`;
    const first = await open(file);
    const id = await first.silences.put(
      first.toBody({
        matchers: [{ name: "team", value: "iri.", isRegex: true, isEqual: true }],
        comment: 'quoted "x"',
      }),
    );
    const ended = await first.silences.put(first.toBody({ comment: "ended" }));
    await first.silences.expire(ended);
    const second = await open(file, first.clock);
    expect(second.silences.list()).toEqual(first.silences.list());
    expect(second.silences.match(DOWN)).toEqual([id]);
    expect(second.log.lines).toEqual([]);
    await writeFile(file, (await readFile(file, "utf8")).replace("iri.", "iri("));
    const third = await open(file);
    expect(third.silences.list()).toEqual([]);
    expect(third.log.lines[0]).toContain("error Ignored the silences in");
  });

  it("reject a body with all of its problems", async () => {
    const { silences, toBody } = await open();
    const put = (changes: object): Promise<unknown> => silences.put(toBody(changes));
    await expect(
      put({
        matchers: [{ name: "a", value: "(", isRegex: true }],
        startsAt: "soon",
        endsAt: "2020-01-01T00:00:00Z",
        comment: "  ",
      }),
    ).rejects.toMatchObject({
      code: "INVALID_INPUT",
      problems: [
        { at: "/startsAt", message: expect.stringContaining('got "soon"') },
        { at: "/endsAt", message: "Expected a time in the future." },
        { at: "/comment" },
        {
          at: "/matchers/0/value",
          message: expect.stringContaining("Expected a regular expression"),
        },
      ],
    });
    const matchAll = [{ name: "team", value: ".*", isRegex: true }];
    await expect(put({ matchers: matchAll })).rejects.toThrow("does not match an empty value");
    await expect(put({ matchers: [] })).rejects.toThrow("/matchers");
    await expect(put({ endsAt: toBody().startsAt })).rejects.toThrow("in the future");
    for (const body of [undefined, null, [], "x"]) {
      await expect(silences.put(body)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    }
    expect(silences.list()).toEqual([]);
  });

  it("are at most 1,000 that have not expired", async () => {
    const { silences, toBody } = await open();
    const ids: string[] = [];
    for (let i = 0; i < 1_000; i++) ids.push(await silences.put(toBody()));
    await expect(silences.put(toBody())).rejects.toThrow("at most 1000 silences");
    await silences.expire(ids[0]!);
    expect(await silences.put(toBody())).toHaveLength(36);
  });
});
