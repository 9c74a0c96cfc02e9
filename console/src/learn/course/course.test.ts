import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { renderPage, summarizePage } from "../../../course/render-page.ts";
import { hasBegun, isDone, updateBefore } from "../conditions.ts";
import { listParts } from "../outline.ts";
import { MECHANICS } from "./course.ts";
import { isChange, isEvent } from "./mechanics.ts";

const TUTORIAL = fileURLToPath(new URL("../../../../docs/tutorial/", import.meta.url));
const PAGES = globSync("**/*.md", { cwd: TUTORIAL })
  .toSorted()
  .map((file) => ({
    path: file.replace(/\.md$/, ""),
    markdown: readFileSync(`${TUTORIAL}${file}`, "utf8"),
  }));
const SUMMARIES = PAGES.map(({ path, markdown }) => summarizePage(markdown, path));

describe("the tutorial and the mechanics of its steps", () => {
  it("name the same steps, each once", () => {
    const ids = SUMMARIES.flatMap(({ steps }) => steps);
    expect(ids.toSorted()).toEqual(Object.keys(MECHANICS).toSorted());
    expect(ids.length).toBeGreaterThan(4);
  });

  it("has a part of the course for every page", () => {
    const titles = listParts(SUMMARIES).map(({ title }) => title);
    expect(titles).not.toContain("More");
  });

  it.each(PAGES)("renders $path with a title, without HTML as text", ({ path, markdown }) => {
    const { title, parts } = renderPage(markdown, path, (other) =>
      PAGES.some((page) => page.path === other),
    );
    expect(title).not.toBe("");
    const html = parts.map((part) => part.html.replaceAll(/<code>[^]*?<\/code>/g, "")).join("\n");
    expect(html.match(/&lt;\/?[a-z][^\n]*/g)).toBeNull();
  });
});

describe.each(Object.entries(MECHANICS))("%s", (_id, { page, pointAt, action, done }) => {
  it("has a page, a part to point at, and deeds if the console can do it", () => {
    expect(page).toMatch(/^#\/[a-z]/);
    expect(pointAt.length).toBeGreaterThan(0);
    expect(action?.deeds.length).not.toBe(0);
    expect(action?.label ?? "by hand").toMatch(/^[a-z]/);
  });

  it("is not done at its begin, in any state of the server and the page", () => {
    expect(done.some((condition) => isEvent(condition) || isChange(condition))).toBe(true);
    const values = new Proxy<Record<string, number>>({}, { get: () => 1e6 });
    const before = updateBefore(done, {}, values);
    expect(hasBegun(done, { before })).toBe(true);
    expect(isDone(done, { before, met: [] }, { values, has: () => true })).toBe(false);
  });
});
