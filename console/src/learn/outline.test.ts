import { expect, it } from "vitest";
import type { PageSummary } from "../../course/course-text.ts";
import { findResume, listParts, toMinutes, toShare } from "./outline.ts";

const toPage = (path: string, steps: readonly string[] = [], words = 400): PageSummary => ({
  path,
  title: path,
  aim: "",
  words,
  steps,
});

it("sorts pages into the parts of the course, each once, without the index", () => {
  const paths = ["README", "a", "hands-on/01-a", "hands-on/02-b", "understanding/grafana"];
  const parts = listParts([...paths, "understanding/prometheus"].map((path) => toPage(path)));
  expect(parts.map(({ title, pages }) => [title, pages.map(({ path }) => path)])).toEqual([
    ["Understanding", ["understanding/prometheus", "understanding/grafana"]],
    ["Part two: hands on", ["hands-on/01-a", "hands-on/02-b"]],
    ["More", ["a"]],
  ]);
});

it("counts minutes of reading and of steps", () => {
  expect(toMinutes(toPage("a", ["a/1", "a/2"]))).toBe(3);
  expect(toMinutes(toPage("a", [], 3))).toBe(1);
});

it("resumes at the last page, or at the next that is not finished", () => {
  const pages = [toPage("a", ["a/1", "a/2"]), toPage("b"), toPage("c", ["c/1"])];
  const find = (last: string | null, done: readonly string[], read: readonly string[] = []) =>
    findResume(pages, { last, done, read })?.path;
  expect(find(null, [])).toBe("a");
  expect(find("a", ["a/1"])).toBe("a");
  expect(find("a", ["a/1", "a/2"])).toBe("b");
  expect(find("c", ["c/1"], ["b"])).toBe("a");
  expect(find("c", ["a/1", "a/2", "c/1"], ["b"])).toBeUndefined();
  expect(toShare(pages[0]!, { done: ["a/1"], read: ["a"] })).toBe(0.5);
});
