import { expect, it } from "vitest";
import { findVersion, listReady, toModelPath, type ModelStatus } from "./manifest.ts";

const version = (number: number, state: "READY" | "FAILED" = "READY") => ({
  version: number,
  state,
  reason: null,
  loaded_at: null,
});
const models: readonly ModelStatus[] = [
  { name: "apple", is_default: false, serving: 2, versions: [version(1), version(2)] },
  {
    name: "iris",
    is_default: true,
    serving: 3,
    versions: [version(2), version(3), version(4, "FAILED")],
  },
  { name: "broken", is_default: false, serving: null, versions: [version(1, "FAILED")] },
];
const ready = listReady({ models });

it("lists the default model first, and its serving version before others", () => {
  expect(ready.map(({ name, version: number }) => `${name} ${number}`)).toEqual([
    "iris 3",
    "iris 2",
    "apple 2",
    "apple 1",
  ]);
});

it("finds the version that a path names", () => {
  const find = (...path: string[]) => {
    const found = findVersion(ready, path);
    return found === undefined ? undefined : toModelPath(found);
  };
  expect(find()).toBe("models/iris");
  expect(find("apple")).toBe("models/apple");
  expect(find("apple", "1")).toBe("models/apple/versions/1");
  expect(find("apple", "2")).toBe("models/apple");
  expect(find("apple", "7")).toBeUndefined();
  expect(find("none")).toBeUndefined();
});
