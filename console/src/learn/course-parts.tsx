import type { Api } from "../lib/api.ts";
import type { CheckState } from "./check-state.ts";
import { CourseHtml } from "./course-html.tsx";
import type { Progress } from "./parse-progress.ts";
import { StepView } from "./step-view.tsx";
import type { Part } from "../../course/course-text.ts";

interface Props {
  readonly parts: readonly Part[];
  readonly progress: Progress;
  readonly check: CheckState;
  readonly api: Api;
}

/** The parts of a page, of which some are steps. */
export function CourseParts({ parts, progress, check, api }: Props) {
  return (
    <>
      {parts.map((part, index) =>
        part.type === "html" ? (
          <CourseHtml key={index} html={part.html} />
        ) : (
          <StepView
            key={part.id}
            part={part}
            state={toState(part.id, progress)}
            isPointing={progress.isPointing && progress.step === part.id}
            check={check}
            api={api}
          />
        ),
      )}
    </>
  );
}

function toState(id: string, { done, step }: Progress): "done" | "current" | "open" {
  if (done.includes(id)) return "done";
  return step === id ? "current" : "open";
}
