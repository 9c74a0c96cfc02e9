import { useEffect, useMemo } from "preact/hooks";
import { COURSE } from "./pages.ts";
import type { PageProps } from "../shell/page-props.ts";
import { useReply } from "../shell/use-reply.ts";
import { useSharedCheck } from "./check-state.ts";
import { CoursePanel } from "./course-panel.tsx";
import { MECHANICS } from "./course/course.ts";
import { beginStep, findCurrent, type Progress } from "./parse-progress.ts";
import { Pointer } from "./pointer.tsx";
import { changeProgress } from "./progress.ts";
import { useChecks } from "./use-checks.ts";

const NO_STEPS: readonly string[] = [];

interface Props extends PageProps {
  readonly progress: Progress;
  /** Path of the page that is open. */
  readonly path: string;
}

/** Checks the steps of the page that is open, points at their controls, and shows the page beside all pages but Learn. */
export function OpenCourse({ progress, path, place, api, server }: Props) {
  const page = COURSE.find(({ summary }) => summary.path === path);
  const steps = page?.summary.steps ?? NO_STEPS;
  const current = findCurrent(progress, steps) ?? null;
  useEffect(() => {
    changeProgress((before) => (before.step === current ? before : beginStep(before, current)));
  }, [current, progress.step]);
  const mechanics = current === null ? undefined : MECHANICS[current];
  useChecks(progress.step === current ? current : null, mechanics?.done, steps);
  const check = useSharedCheck();
  const { data: text, problem } = useReply(
    async () => ({ path, text: await page?.load() }),
    [path, page],
  );
  const parts = useMemo(() => text?.text?.parts ?? [], [text]);
  if (page === undefined) return null;
  return (
    <>
      {progress.isPointing && mechanics !== undefined && <Pointer selectors={mechanics.pointAt} />}
      {place.path[0] !== "learn" && (
        <CoursePanel
          page={page.summary}
          parts={text?.path === path ? parts : []}
          {...{ progress, check, api, server, problem }}
        />
      )}
    </>
  );
}
