import { useEffect } from "preact/hooks";
import { COURSE, type CoursePage } from "./pages.ts";
import { Button } from "../components/button.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import type { Api } from "../lib/api.ts";
import { formatPlural } from "../lib/format.ts";
import type { ServerState } from "../shell/server-state.ts";
import { useReply } from "../shell/use-reply.ts";
import { useSharedCheck } from "./check-state.ts";
import { CourseParts } from "./course-parts.tsx";
import { ModelNotice } from "./model-notice.tsx";
import { listParts, toMinutes } from "./outline.ts";
import { PageList } from "./page-list.tsx";
import { PageSteps } from "./page-steps.tsx";
import { PageTurns } from "./page-turns.tsx";
import { resetPage } from "./parse-progress.ts";
import { changeProgress, openCoursePage, useProgress } from "./progress.ts";

interface Props {
  readonly page: CoursePage;
  /** The heading to show first. */
  readonly at: string | null;
  readonly api: Api;
  readonly server: ServerState;
}

/** A page of the course in Learn. Other pages of the console have it beside them from then on. */
export function CourseReader({ page, at, api, server }: Props) {
  const { summary } = page;
  const { path, steps } = summary;
  const progress = useProgress();
  const check = useSharedCheck();
  const { data: text, problem } = useReply(() => page.load(), [page]);
  useEffect(() => {
    const open = (): void => openCoursePage(path);
    open();
    // Another tab may have opened another page.
    addEventListener("focus", open);
    return () => removeEventListener("focus", open);
  }, [path]);
  const isLoaded = text !== undefined;
  useEffect(() => {
    if (isLoaded && at !== null) document.getElementById(`at-${at}`)?.scrollIntoView();
  }, [isLoaded, at]);
  const hasDone = steps.some((id) => progress.done.includes(id));
  const pages = COURSE.map((each) => each.summary);
  const part = listParts(pages).find((each) => each.pages.includes(summary));

  return (
    <div class="course-spread">
      <article class="learn course-reader">
        <header class="page-head">
          <div class="page-titles">
            <p class="course-back">
              <a href="#/learn">Learn</a>
            </p>
            <h1>{summary.title}</h1>
            <p class="muted">
              About {formatPlural(toMinutes(summary), "minute")}
              {steps.length > 0 && `, ${formatPlural(steps.length, "step")} that check themselves`}
            </p>
          </div>
          {hasDone && (
            <Button small onClick={() => changeProgress((all) => resetPage(all, path, steps))}>
              Reset this page
            </Button>
          )}
        </header>
        {steps.length > 0 && <ModelNotice api={api} name={server.model?.name} />}
        <PageSteps page={summary} progress={progress} />
        {text === undefined ? (
          problem === undefined ? (
            <Loading what="Loading the page…" />
          ) : (
            <Empty title="The page cannot be loaded">{problem}</Empty>
          )
        ) : (
          <CourseParts parts={text.parts} {...{ progress, check, api }} />
        )}
        <PageTurns pages={pages} page={summary} progress={progress} isBeside={false} />
      </article>
      {part !== undefined && (
        <nav class="course-part" aria-label={part.title}>
          <h2>{part.title}</h2>
          <PageList pages={part.pages} progress={progress} current={summary} />
        </nav>
      )}
    </div>
  );
}
