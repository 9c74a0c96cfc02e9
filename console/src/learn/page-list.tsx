import { CheckIcon } from "../components/icons.tsx";
import { formatPlural } from "../lib/format.ts";
import { toFragment } from "../shell/location.ts";
import { toMinutes, toShare } from "./outline.ts";
import type { Progress } from "./parse-progress.ts";
import type { PageSummary } from "../../course/course-text.ts";

export const toHref = ({ path }: PageSummary): string => toFragment(["learn", ...path.split("/")]);

interface Props {
  readonly pages: readonly PageSummary[];
  readonly progress: Progress;
  /** The page that is shown. */
  readonly current?: PageSummary;
}

/** Pages of the course with their duration and progress. */
export function PageList({ pages, progress, current }: Props) {
  return (
    <ol class="course-pages">
      {pages.map((page) => (
        <PageLine key={page.path} page={page} progress={progress} isCurrent={page === current} />
      ))}
    </ol>
  );
}

interface LineProps {
  readonly page: PageSummary;
  readonly progress: Progress;
  readonly isCurrent: boolean;
}

function PageLine({ page, progress, isCurrent }: LineProps) {
  const done = page.steps.filter((id) => progress.done.includes(id)).length;
  const isComplete = toShare(page, progress) === 1;
  return (
    <li class="course-page-line">
      <a href={toHref(page)} {...(isCurrent && { "aria-current": "page" as const })}>
        {page.title}
      </a>
      <span class="course-page-state muted">
        {isComplete && (
          <span class="course-done">
            <CheckIcon /> Done
          </span>
        )}
        {page.steps.length > 0 && `${done} of ${formatPlural(page.steps.length, "step")}, `}
        {formatPlural(toMinutes(page), "minute")}
      </span>
    </li>
  );
}
