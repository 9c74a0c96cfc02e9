import { Button } from "../components/button.tsx";
import { CheckIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";
import { navigate, parsePlace } from "../shell/location.ts";
import { getCheck, isReady, type CheckState } from "./check-state.ts";
import { CourseHtml } from "./course-html.tsx";
import { MECHANICS } from "./course/course.ts";
import type { Deed, Mechanics } from "./course/mechanics.ts";
import { beginStep } from "./parse-progress.ts";
import { changeProgress, getProgress } from "./progress.ts";
import { runDeeds } from "./run-deeds.ts";
import { createSharedValue } from "./shared-value.ts";
import type { Part } from "../../course/course-text.ts";

/** Time until a step is checked for the first time, and between two looks. */
const BEGIN_MS = 10_000;
const LOOK_MS = 50;

interface Run {
  /** Id of the step that "Do it" did last; null for none. */
  readonly id: string | null;
  readonly isBusy: boolean;
  readonly problem: string | undefined;
}

/** "Do it" may open another page, and its button with it: in the panel instead of in Learn. */
const RUN = createSharedValue<Run>({ id: null, isBusy: false, problem: undefined });

interface Props {
  readonly part: Extract<Part, { type: "step" }>;
  readonly state: "done" | "current" | "open";
  readonly isPointing: boolean;
  readonly check: CheckState;
  readonly api: Api;
}

/** A step of a page, with its controls and its state. */
export function StepView({ part, state, isPointing, check, api }: Props) {
  const { id, number, html } = part;
  const mechanics = MECHANICS[id];
  return (
    <div
      class={`course-step is-${state}`}
      role="group"
      aria-label={`Step ${number}${state === "done" ? ", done" : ""}`}
      aria-current={state === "current" ? "step" : undefined}
      data-step={id}
      data-state={state}
      data-checks={state !== "current" ? undefined : check.id === id ? check.checks : 0}
    >
      <span class="course-step-mark" aria-hidden="true">
        {state === "done" ? <CheckIcon /> : number}
      </span>
      <div class="course-step-body">
        <CourseHtml html={html} />
        {mechanics !== undefined && (
          <StepControls {...{ id, number, state, isPointing, check, api, mechanics }} />
        )}
      </div>
    </div>
  );
}

interface ControlProps extends Omit<Props, "part"> {
  readonly id: string;
  readonly number: number;
  readonly mechanics: Mechanics;
}

function StepControls(props: ControlProps) {
  const { id, number, state, isPointing, check, api, mechanics } = props;
  const { action, page } = mechanics;
  const run = RUN.use();
  const isBusy = run.id === id && run.isBusy;
  const problem = run.id === id ? run.problem : undefined;
  const begin = (): void => {
    if (getProgress().step !== id) changeProgress((progress) => beginStep(progress, id));
  };

  async function act(deeds: readonly Deed[]): Promise<void> {
    RUN.set({ id, isBusy: true, problem: undefined });
    let failure: string | undefined;
    try {
      begin();
      const isChecked = await waitUntil(() =>
        isReady(id, mechanics.done, getProgress(), getCheck()),
      );
      if (!isChecked) {
        throw new Error(
          "The server does not report its metrics. Check that it runs, then try again.",
        );
      }
      await runDeeds(deeds, api);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    // Another step may run by now.
    if (RUN.get().id === id) RUN.set({ id, isBusy: false, problem: failure });
  }

  async function point(): Promise<void> {
    begin();
    changeProgress((progress) => ({ ...progress, isPointing: !isPointing }));
    if (isPointing || isAt(page)) return;
    // The step may be to open this page.
    await waitUntil(() => getCheck().id === id);
    navigate(page);
  }

  if (state === "done") {
    return (
      <p class="course-step-state is-done">
        <CheckIcon /> Done
        <Button look="quiet" small aria-label={`Repeat step ${number}`} onClick={begin}>
          Repeat
        </Button>
      </p>
    );
  }
  return (
    <>
      <div class="course-step-actions">
        <Button small aria-pressed={isPointing} onClick={() => void point()}>
          Show me
        </Button>
        {action === undefined ? (
          state === "open" && (
            <Button small onClick={begin}>
              Check it
            </Button>
          )
        ) : (
          <Button small busy={isBusy} onClick={() => void act(action.deeds)}>
            Do it: {action.label}
          </Button>
        )}
      </div>
      {state === "current" && <p class="course-step-state">The step is checked while you do it.</p>}
      {state === "current" && check.id === id && check.problem !== undefined && (
        <Notice tone="warn" title="The step cannot be checked">
          {check.problem}
        </Notice>
      )}
      {problem !== undefined && (
        <Notice tone="bad" title="The console could not do it" live>
          {problem}
        </Notice>
      )}
    </>
  );
}

/** Waits for the check of a step, which sees no deed before. @returns false if the time is over */
async function waitUntil(holds: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < BEGIN_MS; waited += LOOK_MS) {
    if (holds()) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
  }
  return holds();
}

/** True if the console shows the page of a fragment, with any parameters. */
function isAt(fragment: string): boolean {
  return parsePlace(fragment).path.every(
    (part, index) => parsePlace(location.hash).path[index] === part,
  );
}
