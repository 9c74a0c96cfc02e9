import { expect, it } from "vitest";
import { listCourseEntries } from "./course-entries.ts";
import { findEntries } from "./rank.ts";

const PAGES = [
  { path: "README", title: "Tutorial", aim: "", words: 9, steps: [] },
  {
    path: "hands-on/11-alert",
    title: "2.11 Is latency high?",
    aim: "Set off an alert.",
    words: 9,
    steps: ["a/1", "a/2"],
  },
  { path: "first-steps", title: "First steps", aim: "", words: 9, steps: ["f/1"] },
  { path: "questions", title: "Questions", aim: "", words: 9, steps: [] },
];

it("lists the pages of the course with their aim, else their part and steps, without the index", () => {
  const entries = listCourseEntries(PAGES);
  expect(entries.map(({ title, detail, href }) => [title, detail, href])).toEqual([
    ["First steps", "Start, 1 step", "#/learn/first-steps"],
    ["2.11 Is latency high?", "Set off an alert.", "#/learn/hands-on/11-alert"],
    ["Questions", "For a teacher", "#/learn/questions"],
  ]);
});

it("finds a page of the course by its number, its title and its aim", () => {
  const entries = listCourseEntries(PAGES);
  for (const query of ["2.11", "high", "alert off"]) {
    const [course, ...others] = findEntries(entries, query);
    expect([query, course?.group, course?.entries.map(({ title }) => title)]).toEqual([
      query,
      "Course",
      ["2.11 Is latency high?"],
    ]);
    expect(others).toEqual([]);
  }
});

it("lists no page of the course before a query", () => {
  expect(findEntries(listCourseEntries(PAGES), "")).toEqual([]);
});
