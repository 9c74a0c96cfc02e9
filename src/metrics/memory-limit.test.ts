import { totalmem } from "node:os";
import { expect, it } from "vitest";
import { findMemoryLimit, readMemoryLimit } from "./memory-limit.ts";

const GIB = 1_024 ** 3;

it("is the limit of the container if there is one, else the memory of the host", () => {
  expect(findMemoryLimit(GIB, 8 * GIB)).toBe(GIB);
  expect(findMemoryLimit(0, 8 * GIB)).toBe(8 * GIB);
  // Without a limit, cgroups report the largest number of pages.
  expect(findMemoryLimit(2 ** 63 - 4_096, 8 * GIB)).toBe(8 * GIB);
  expect(readMemoryLimit()).toBeGreaterThan(64 * 1_024 ** 2);
  expect(readMemoryLimit()).toBeLessThanOrEqual(totalmem());
});
