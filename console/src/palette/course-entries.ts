import { formatPlural } from "../lib/format.ts";
import { listParts } from "../learn/outline.ts";
import { toFragment } from "../shell/location.ts";
import type { PageSummary } from "../../course/course-text.ts";
import type { Entry } from "./rank.ts";

/** Lists the pages of the course, in the order in which Learn has them. */
export function listCourseEntries(pages: readonly PageSummary[]): readonly Entry[] {
  return listParts(pages).flatMap((part) =>
    part.pages.map(({ path, title, aim, steps }) => ({
      group: "Course" as const,
      title,
      detail: aim === "" ? describe(part.title, steps.length) : aim,
      href: toFragment(["learn", ...path.split("/")]),
    })),
  );
}

function describe(part: string, steps: number): string {
  return steps === 0 ? part : `${part}, ${formatPlural(steps, "step")}`;
}
