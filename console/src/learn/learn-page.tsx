import { COURSE } from "./pages.ts";
import { Empty } from "../components/empty.tsx";
import type { PageProps } from "../shell/page-props.ts";
import { CourseOverview } from "./course-overview.tsx";
import { CourseReader } from "./course-reader.tsx";
import "./learn.css";

/** The overview of the course, or one of its pages: `#/learn/hands-on/01-predict`. */
export function LearnPage({ place, api, server }: PageProps) {
  const path = place.path.slice(1).join("/");
  if (path === "") {
    return <CourseOverview pages={COURSE.map(({ summary }) => summary)} {...{ api, server }} />;
  }
  const page = COURSE.find(({ summary }) => summary.path === path);
  if (page === undefined) {
    return (
      <Empty isPage title="The course has no such page" action={<a href="#/learn">All pages</a>}>
        Its name may have changed: {path}
      </Empty>
    );
  }
  const at = place.parameters.get("at");
  return <CourseReader key={path} {...{ page, at, api, server }} />;
}
