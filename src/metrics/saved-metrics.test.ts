import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFolder } from "../../test/support/folders.ts";
import { createMetrics } from "./create-metrics.ts";
import type { Metrics } from "./metrics.ts";
import { readSaved } from "./saved-metrics.ts";

/** Calls `use` with metrics that are saved in a file, and with a function that reads the file. */
async function withFile(
  use: (metrics: Metrics, read: () => Metrics, descriptor: number) => void | Promise<void>,
): Promise<void> {
  await using folder = await createFolder();
  const descriptor = openSync(`${folder.path}/metrics`, "wx+");
  const onError = (error: unknown): void => {
    throw error;
  };
  const metrics = createMetrics({ process: false, file: { descriptor, onError } });
  let before: ReturnType<typeof readSaved>;
  const read = (): Metrics => {
    before = readSaved(descriptor, before);
    const copy = createMetrics({ process: false });
    if (before !== undefined) copy.absorb(before, "all");
    return copy;
  };
  try {
    await use(metrics, read, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

describe("saved metrics", () => {
  it("contain all recorded values after any sequence of opening, closing and recording", async () => {
    const step = fc.record({
      act: fc.constantFrom("count", "observe", "close", "save"),
      label: fc.constantFrom("a", "b", "c", 'd"\\\n', "ü".repeat(300)),
      value: fc.integer({ min: 0, max: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) =>
        withFile(async (metrics, read) => {
          for (const { act, label, value } of steps) {
            const labels = ["m", "1", label];
            if (act === "count") metrics.predictions.add(metrics.predictions.open(labels), value);
            if (act === "observe") {
              metrics.confidence.observe(metrics.confidence.open(["m", label]), value);
            }
            if (act === "close") {
              metrics.predictions.close(metrics.predictions.find(labels) ?? -1);
            }
            if (act === "save") {
              metrics.update();
              expect(await read().render()).toBe(await metrics.render());
            }
          }
          metrics.update();
          expect(await read().render()).toBe(await metrics.render());
        }),
      ),
      { numRuns: 60 },
    );
  });

  it("do not exist before the first save", () =>
    withFile((_metrics, _read, descriptor) => {
      expect(readSaved(descriptor, undefined)).toBeUndefined();
    }));

  it("are saved once at the end of a turn of the event loop", () =>
    withFile(async (metrics, read) => {
      metrics.update();
      const slot = metrics.modelLoads.open(["ready"]);
      metrics.saveSoon();
      metrics.modelLoads.add(slot, 1);
      metrics.saveSoon();
      metrics.modelLoads.add(slot, 1);
      expect([...read().modelLoads.series()]).toEqual([]);
      await new Promise((resolve) => setImmediate(resolve));
      const copy = read();
      expect(copy.modelLoads.get(copy.modelLoads.open(["ready"]))).toBe(2);
    }));

  it("keep the previous save intact until the next one is complete", () =>
    withFile((metrics, _read, descriptor) => {
      const slot = metrics.modelLoads.open(["ready"]);
      const isInFile = (value: number): boolean => {
        const bytes = Buffer.alloc(fstatSync(descriptor).size);
        readSync(descriptor, bytes, 0, bytes.length, 0);
        return bytes.includes(Buffer.from(Float64Array.of(value).buffer));
      };
      for (const value of [111.25, 222.25, 333.25]) {
        metrics.modelLoads.set(slot, value);
        metrics.update();
      }
      expect([111.25, 222.25, 333.25].map(isInFile)).toEqual([false, true, true]);
    }));

  it("are those of the previous save while a part of the next one is written", () =>
    withFile((metrics, read, descriptor) => {
      const slot = metrics.modelLoads.open(["ready"]);
      const save = (value: number): Buffer => {
        metrics.modelLoads.set(slot, value);
        metrics.update();
        const file = Buffer.alloc(fstatSync(descriptor).size);
        readSync(descriptor, file, 0, file.length, 0);
        return file;
      };
      const saved = (): number => {
        const copy = read();
        return copy.modelLoads.get(copy.modelLoads.open(["ready"]));
      };
      save(1);
      const before = save(2);
      const after = save(3);
      const begin = after.findIndex((byte, at) => byte !== before[at]);
      const end = after.findLastIndex((byte, at) => byte !== before[at]) + 1;
      expect(saved()).toBe(3);
      writeSync(descriptor, before, begin, end - begin, begin);
      for (let at = begin; at < end; at++) {
        expect(saved()).toBe(2);
        writeSync(descriptor, after, at, 1, at);
      }
      expect(saved()).toBe(3);
    }));

  it("are complete while another process writes, and after it is killed", async () => {
    await using folder = await createFolder();
    const descriptor = openSync(`${folder.path}/metrics`, "wx+");
    const writer = fileURLToPath(new URL("../../test/support/metrics-writer.ts", import.meta.url));
    const child = spawn(process.execPath, [writer], {
      stdio: ["ignore", "inherit", "inherit", descriptor],
    });
    const ended = once(child, "exit");
    let before: ReturnType<typeof readSaved>;
    const seen = { reads: 0 };
    const countSeries = (): number => before?.families.flatMap(([, open]) => open).length ?? 0;
    const check = (): void => {
      before = readSaved(descriptor, before);
      if (before === undefined) return;
      seen.reads += 1;
      // Before each save, the writer sets all its series to the same number, and it opens more and more of them.
      const numbers = before.families.flatMap(([, series]) =>
        series.map(([slot]) => before?.values[slot]),
      );
      expect(new Set(numbers).size).toBe(1);
    };
    try {
      while (seen.reads < 2_000 || countSeries() < 100) {
        check();
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    check();
    expect(readSaved(descriptor, undefined)?.families).toEqual(
      readSaved(descriptor, before)?.families,
    );
    closeSync(descriptor);
  });
});
