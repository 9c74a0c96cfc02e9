import type { CourseText, PageSummary } from "../../course/course-text.ts";

export interface CoursePage {
  readonly summary: PageSummary;
  readonly load: () => Promise<CourseText>;
}

/** The pages of docs/tutorial. The build replaces this empty list (`console/course/course-plugin.ts`). */
export const COURSE: readonly CoursePage[] = [];
