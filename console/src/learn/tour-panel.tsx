import { useEffect, useRef, useState } from "preact/hooks";
import { Button, buttonClass } from "../components/button.tsx";
import { CheckIcon, CrossIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import type { PageProps } from "../shell/page-props.ts";
import { listQueries } from "./conditions.ts";
import { TOURS } from "./first-steps.ts";
import type { Progress } from "./parse-progress.ts";
import { Pointer } from "./pointer.tsx";
import { setProgress } from "./progress.ts";
import { sendPrediction } from "./send-prediction.ts";
import { StepText } from "./step-text.tsx";
import type { Step, Tour } from "./tour.ts";
import { useChecks } from "./use-checks.ts";
import "./learn.css";

interface Props extends PageProps {
  readonly progress: Progress;
}

/** The side panel of a tour, beside every page. */
export function TourPanel(props: Props) {
  const { progress } = props;
  const tour = TOURS.find(({ id }) => id === progress.tour);
  const step = tour?.steps[progress.step];
  useEffect(() => {
    document.documentElement.dataset["tour"] = "open";
    return () => delete document.documentElement.dataset["tour"];
  }, []);
  if (tour === undefined || step === undefined) return null;
  return <StepPanel key={step.id} {...props} tour={tour} step={step} />;
}

interface StepProps extends Props {
  readonly tour: Tour;
  readonly step: Step;
}

function StepPanel({ tour, step, progress, place, client, api }: StepProps) {
  const [isPointing, setPointing] = useState(true);
  const heading = useRef<HTMLHeadingElement>(null);
  const isDone = progress.done.includes(step.id);
  const isLast = progress.step === tour.steps.length - 1;
  // Screen readers continue with the new step.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);

  const problem = useChecks({
    step,
    place,
    before: progress.before,
    client,
    api,
    onBefore: (values) => setProgress({ ...progress, before: { ...progress.before, ...values } }),
    onDone: () => {
      if (!isDone) setProgress({ ...progress, done: [...progress.done, step.id] });
    },
  });
  const goTo = (index: number): void => setProgress({ ...progress, step: index, before: {} });

  return (
    <>
      {isPointing && !isDone && <Pointer selectors={step.pointAt} />}
      <aside
        class="tour-panel"
        aria-label={`Tour: ${tour.title}`}
        onKeyDown={(event) => {
          if (event.key === "Escape") setProgress(undefined);
        }}
      >
        <header class="tour-head">
          <p class="tour-count">
            {tour.title} · step {progress.step + 1} of {tour.steps.length}
          </p>
          <Button
            look="quiet"
            small
            aria-label="End the tour"
            title="End the tour (Escape)"
            onClick={() => setProgress(undefined)}
          >
            <CrossIcon />
          </Button>
        </header>
        <ol class="tour-dots" aria-label="Steps">
          {tour.steps.map(({ id, title }, index) => (
            <li key={id}>
              <button
                type="button"
                class={`tour-dot${progress.done.includes(id) ? " is-done" : ""}`}
                aria-current={index === progress.step ? "step" : undefined}
                aria-label={`${index + 1}. ${title}${progress.done.includes(id) ? ", done" : ""}`}
                title={title}
                onClick={() => goTo(index)}
              />
            </li>
          ))}
        </ol>
        <h2 ref={heading} tabIndex={-1} class="tour-title">
          {step.title}
        </h2>
        <StepText paragraphs={step.text} />
        <div class="tour-actions">
          <a class={buttonClass("plain", true)} href={step.page}>
            Open the page
          </a>
          {step.action !== undefined && (
            <ActionButton
              action={step.action}
              api={api}
              // Before, the step could not see its effect.
              isReady={listQueries(step).every((expr) => Object.hasOwn(progress.before, expr))}
            />
          )}
          <label class="tour-check">
            <input
              type="checkbox"
              checked={isPointing}
              onChange={(event) => setPointing(event.currentTarget.checked)}
            />
            Point at it
          </label>
        </div>
        <p class={`tour-state${isDone ? " is-done" : ""}`} role="status">
          {isDone ? (
            <>
              <CheckIcon /> Done. {isLast ? "The tour is complete." : ""}
            </>
          ) : (
            "The tour checks by itself when this step is done."
          )}
        </p>
        {problem !== undefined && (
          <Notice tone="warn" title="The step cannot be checked">
            {problem}
          </Notice>
        )}
        <footer class="tour-foot">
          <Button small disabled={progress.step === 0} onClick={() => goTo(progress.step - 1)}>
            Back
          </Button>
          {isLast ? (
            <Button small look="primary" onClick={() => setProgress(undefined)}>
              Finish
            </Button>
          ) : (
            <Button
              small
              look={isDone ? "primary" : "plain"}
              onClick={() => {
                goTo(progress.step + 1);
                location.hash = tour.steps[progress.step + 1]!.page;
              }}
            >
              {isDone ? "Next" : "Skip"}
            </Button>
          )}
        </footer>
      </aside>
    </>
  );
}

interface ActionProps {
  readonly action: NonNullable<Step["action"]>;
  readonly api: PageProps["api"];
  readonly isReady: boolean;
}

function ActionButton({ action, api, isReady }: ActionProps) {
  const [state, setState] = useState<"idle" | "busy" | "sent">("idle");
  const [problem, setProblem] = useState<string>();
  async function run() {
    setState("busy");
    setProblem(undefined);
    try {
      await sendPrediction(api);
      setState("sent");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setState("idle");
    }
  }
  return (
    <>
      <Button small busy={state === "busy"} disabled={!isReady} onClick={() => void run()}>
        {action.label}
      </Button>
      {state === "sent" && (
        <p class="muted" role="status">
          Sent. The monitor counts it with its next scrape.
        </p>
      )}
      {problem !== undefined && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
    </>
  );
}
