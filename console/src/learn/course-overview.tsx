import { useState } from "preact/hooks";
import { Button, buttonClass } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";
import { formatPlural } from "../lib/format.ts";
import type { ServerState } from "../shell/server-state.ts";
import { ModelNotice } from "./model-notice.tsx";
import { findResume, listParts, toMinutes, type CoursePart } from "./outline.ts";
import { PageList, toHref } from "./page-list.tsx";
import { NO_PROGRESS, type Progress } from "./parse-progress.ts";
import { changeProgress, useProgress } from "./progress.ts";
import type { PageSummary } from "../../course/course-text.ts";

interface Props {
  readonly pages: readonly PageSummary[];
  readonly api: Api;
  readonly server: ServerState;
}

/** The parts of the course with their pages, duration and progress. */
export function CourseOverview({ pages, api, server }: Props) {
  const progress = useProgress();
  const parts = listParts(pages);
  const ordered = parts.flatMap((part) => part.pages);
  const steps = ordered.flatMap((page) => page.steps);
  const done = steps.filter((id) => progress.done.includes(id)).length;
  const resume = findResume(ordered, progress);
  const hasBegun = done > 0 || progress.read.length > 0;
  return (
    <div class="learn course-overview">
      <header class="page-head">
        <div class="page-titles">
          <h1>Learn</h1>
          <p class="muted">
            A course on this server: predictions, Prometheus, dashboards, alerts and load tests. Its
            pages stay beside the console, and most steps check themselves.
          </p>
        </div>
      </header>
      <ModelNotice api={api} name={server.model?.name} />
      <section class="course-card" aria-label="Progress">
        <div class="course-progress">
          <progress max={Math.max(1, steps.length)} value={done} aria-label="Steps done" />
          <p class="course-count">
            {done} of {formatPlural(steps.length, "step")} done
          </p>
        </div>
        <p class="course-step-actions">
          {resume !== undefined && (
            <a class={buttonClass("primary")} href={toHref(resume)}>
              {hasBegun ? "Resume" : "Start"}: {resume.title}
            </a>
          )}
          {hasBegun && <Reset />}
        </p>
      </section>
      <div class="course-parts">
        {parts.map((part) => (
          <PartCard key={part.title} part={part} progress={progress} />
        ))}
      </div>
      <Notice tone="info" title="Keys">
        Beside the console, the course comes after the page in the order of the Tab key. Escape in
        it closes it. The progress is kept in this browser, for this server.
      </Notice>
    </div>
  );
}

/** Forgets all progress, after a question. */
function Reset() {
  const [isSure, setSure] = useState(false);
  if (!isSure) return <Button onClick={() => setSure(true)}>Reset the progress</Button>;
  return (
    <>
      <Button look="danger" onClick={() => changeProgress(() => NO_PROGRESS)}>
        Delete all progress
      </Button>
      <Button onClick={() => setSure(false)}>Keep it</Button>
    </>
  );
}

interface PartProps {
  readonly part: CoursePart;
  readonly progress: Progress;
}

function PartCard({ part: { title, about, pages }, progress }: PartProps) {
  const minutes = pages.reduce((sum, page) => sum + toMinutes(page), 0);
  return (
    <section class="course-card" aria-label={title}>
      <h2>{title}</h2>
      <p class="muted">
        {about} About {formatPlural(minutes, "minute")}.
      </p>
      <PageList pages={pages} progress={progress} />
    </section>
  );
}
