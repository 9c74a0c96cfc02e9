import { CheckIcon } from "../components/icons.tsx";
import { formatPlural } from "../lib/format.ts";
import type { Progress } from "./parse-progress.ts";
import type { PageSummary } from "../../course/course-text.ts";

interface Props {
  readonly page: PageSummary;
  readonly progress: Progress;
}

/** The steps of a page that are done, as a bar and in words, which screen readers announce. */
export function PageSteps({ page: { steps }, progress }: Props) {
  if (steps.length === 0) return null;
  const done = steps.filter((id) => progress.done.includes(id)).length;
  const isComplete = done === steps.length;
  return (
    <div class="course-progress">
      <progress max={steps.length} value={done} aria-label="Steps done" />
      <p class={`course-count${isComplete ? " is-done" : ""}`} role="status">
        {isComplete && <CheckIcon />}
        {isComplete
          ? `All ${formatPlural(steps.length, "step")} done`
          : `${done} of ${formatPlural(steps.length, "step")} done`}
      </p>
    </div>
  );
}
