import { useEffect, useRef, useState } from "preact/hooks";
import { COURSE } from "./pages.ts";
import { Button, buttonClass } from "../components/button.tsx";
import { ChevronIcon, CrossIcon, EnlargeIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";
import { toFragment } from "../shell/location.ts";
import type { ServerState } from "../shell/server-state.ts";
import type { CheckState } from "./check-state.ts";
import { CourseParts } from "./course-parts.tsx";
import { ModelNotice } from "./model-notice.tsx";
import { PageSteps } from "./page-steps.tsx";
import type { Progress } from "./parse-progress.ts";
import { PageTurns } from "./page-turns.tsx";
import { closeCourse } from "./progress.ts";
import type { PageSummary, Part } from "../../course/course-text.ts";
import "./learn.css";

interface Props {
  readonly page: PageSummary;
  /** Empty until they are loaded. */
  readonly parts: readonly Part[];
  readonly problem: string | undefined;
  readonly progress: Progress;
  readonly check: CheckState;
  readonly api: Api;
  readonly server: ServerState;
}

/** A page of the course beside a page of the console. */
export function CoursePanel({ page, parts, problem, progress, check, api, server }: Props) {
  const [isFolded, setFolded] = useState(false);
  const [shortPath, setShortPath] = useState<string>();
  const isShort = shortPath === page.path;
  const body = useRef<HTMLDivElement>(null);
  const current = parts.find((part) => part.type === "step" && part.id === progress.step);
  useEffect(() => {
    document.documentElement.dataset["course"] = isFolded ? "folded" : "open";
    return () => delete document.documentElement.dataset["course"];
  }, [isFolded]);
  // The panel scrolls to the step that is checked now.
  useEffect(() => {
    body.current?.querySelector('[data-state="current"]')?.scrollIntoView({ block: "nearest" });
  }, [current, isFolded]);

  return (
    <aside
      class={`course-panel${isFolded ? " is-folded" : ""}`}
      aria-label={`Course: ${page.title}`}
      // It takes the focus of a button that the last page lacks.
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") closeCourse();
      }}
    >
      <header class="course-head">
        <h2 class="course-title">{page.title}</h2>
        <span class="course-fold">
          <Button
            look="quiet"
            small
            aria-label="Text of the course"
            aria-expanded={!isFolded}
            title={isFolded ? "Show the text" : "Hide the text: the page has more space"}
            onClick={() => setFolded(!isFolded)}
          >
            <ChevronIcon />
          </Button>
        </span>
        <a
          class={buttonClass("quiet", true)}
          href={toFragment(["learn", ...page.path.split("/")])}
          aria-label="Open in Learn"
          title="Open in Learn: the page without the console"
        >
          <EnlargeIcon />
        </a>
        <Button
          look="quiet"
          small
          aria-label="Close the course"
          title="Close the course (Escape). Learn resumes it."
          onClick={closeCourse}
        >
          <CrossIcon />
        </Button>
      </header>
      <PageSteps page={page} progress={progress} />
      {/* Each page begins at its top. The rest remains, with the focus of its buttons. */}
      <div
        key={page.path}
        class="course-body"
        ref={body}
        tabIndex={0}
        role="group"
        aria-label="Text"
      >
        {page.steps.length > 0 && <ModelNotice api={api} name={server.model?.name} />}
        {problem !== undefined && (
          <Notice tone="bad" title="The page cannot be loaded" live>
            {problem}
          </Notice>
        )}
        <CourseParts
          parts={isShort && current !== undefined ? [current] : parts}
          {...{ progress, check, api }}
        />
      </div>
      <footer class="course-foot">
        {current !== undefined && (
          <Button
            look="quiet"
            small
            aria-pressed={isShort}
            onClick={() => setShortPath(isShort ? undefined : page.path)}
          >
            Only the step
          </Button>
        )}
        <PageTurns
          pages={COURSE.map(({ summary }) => summary)}
          page={page}
          progress={progress}
          isBeside
        />
      </footer>
    </aside>
  );
}
