import type { Progress } from "./parse-progress.ts";
import type { PageSummary } from "../../course/course-text.ts";

/** Words that a reader reads in a minute. */
export const WORDS_PER_MINUTE = 200;
/** Time that a learner needs for a step, beside reading it. */
const MINUTES_PER_STEP = 0.5;

/** A part of the course. */
export interface CoursePart {
  readonly title: string;
  readonly about: string;
  readonly pages: readonly PageSummary[];
}

/** The parts in their order. Each takes the pages with these paths, or below these folders. */
const PARTS: readonly {
  readonly title: string;
  readonly about: string;
  readonly paths: readonly string[];
}[] = [
  {
    title: "Start",
    about: "A prediction, and its trace in queries, dashboards and alert rules.",
    paths: ["first-steps"],
  },
  {
    title: "Understanding",
    about: "Prometheus, Grafana and load tests: the terms that the rest of the course uses.",
    paths: [
      "understanding/prometheus",
      "understanding/grafana",
      "understanding/load-tests",
      "understanding/",
    ],
  },
  {
    title: "Part one: reading the files",
    about: "Seven questions on Compose, security, stored metrics, endpoints and configuration.",
    paths: ["reading-the-files"],
  },
  {
    title: "Part two: hands on",
    about: "Fourteen questions, each answered on this server. Most steps check themselves.",
    paths: ["hands-on/"],
  },
  {
    title: "Further",
    about: "Load tests in depth, your own metrics and models, and what to do when something fails.",
    paths: ["load-testing", "lab", "your-own", "troubleshooting"],
  },
  {
    title: "For a teacher",
    about: "The questions as a sheet, learning aims, a time plan, and how to reset.",
    paths: ["teaching", "questions"],
  },
];

/** The index of the tutorial, whose place the page Learn takes. */
const INDEX = "README";

/** Sorts the pages into the parts of the course. Pages of no part come last. */
export function listParts(pages: readonly PageSummary[]): readonly CoursePart[] {
  const left = new Set(pages.filter(({ path }) => path !== INDEX));
  const parts = PARTS.map(({ title, about, paths }) => {
    const own = paths.flatMap((path) =>
      [...left].filter((page) => {
        const isOwn = path.endsWith("/") ? page.path.startsWith(path) : page.path === path;
        return isOwn && left.delete(page);
      }),
    );
    return { title, about, pages: own };
  });
  return [...parts, { title: "More", about: "", pages: [...left] }].filter(
    (part) => part.pages.length > 0,
  );
}

/** Returns the minutes that a page takes, at least 1. */
export function toMinutes({ words, steps }: PageSummary): number {
  return Math.max(1, Math.round(words / WORDS_PER_MINUTE + steps.length * MINUTES_PER_STEP));
}

/** Progress of a page from 0 to 1: its steps, or for a page without steps whether it was read. */
export function toShare(
  { path, steps }: PageSummary,
  { done, read }: Pick<Progress, "done" | "read">,
): number {
  if (steps.length === 0) return read.includes(path) ? 1 : 0;
  return steps.filter((id) => done.includes(id)).length / steps.length;
}

/** Returns the page where a learner continues: the last one if it is not finished, else the next that is not. */
export function findResume(
  pages: readonly PageSummary[],
  progress: Pick<Progress, "done" | "read" | "last">,
): PageSummary | undefined {
  const at = Math.max(
    0,
    pages.findIndex(({ path }) => path === progress.last),
  );
  const isOpen = (page: PageSummary): boolean => toShare(page, progress) < 1;
  return [...pages.slice(at), ...pages.slice(0, at)].find(isOpen);
}
