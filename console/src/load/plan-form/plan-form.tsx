import { useEffect, useRef, useState } from "preact/hooks";
import type { RunPlan } from "../../../../src/load/contract/plan.ts";
import type { ScriptDescription } from "../../../../src/load/contract/script-description.ts";
import { Button } from "../../components/button.tsx";
import { AreaField } from "../../components/field.tsx";
import { PlayIcon } from "../../components/icons.tsx";
import { Notice } from "../../components/notice.tsx";
import { request, RequestError } from "../../lib/http.ts";
import { toHash } from "../../lib/route.ts";
import { Chips } from "./chips.tsx";
import { parseForm, toFormState, type FormState } from "./form-state.ts";
import { sortProblems, type FieldProblems } from "./problems.ts";
import { PlanField, ProfileFields } from "./profile-fields.tsx";
import { ProfilePicker } from "./profile-picker.tsx";
import "./plan-form.css";

interface Props {
  readonly plan: RunPlan;
  readonly script: ScriptDescription;
  /** Why no run can be started now; undefined when one can. */
  readonly obstacle: string | undefined;
}

const NO_PROBLEMS: FieldProblems = { fields: {}, others: [] };
const ADVANCED = ["thresholds", "seed", "stop_timeout_seconds", "tags", "exclude_tags"];

/** What a run is to do. The server says what is wrong with it, and that is shown where it belongs. */
export function PlanForm({ plan, script, obstacle }: Props) {
  const [state, setState] = useState<FormState>(() => toFormState(plan));
  const [problems, setProblems] = useState<FieldProblems>(NO_PROBLEMS);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { fields } = problems;
  const change = (part: Partial<FormState>) => setState((before) => ({ ...before, ...part }));
  const classNames = script.user_classes.map(({ name }) => name);
  const tags = [
    ...new Set(script.user_classes.flatMap(({ tasks }) => tasks.flatMap((task) => task.tags))),
  ];

  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problems]);

  async function submit(event: Event) {
    event.preventDefault();
    const parsed = parseForm(state);
    if (Object.keys(parsed.problems).length > 0) {
      setProblems({ fields: parsed.problems, others: [] });
      return;
    }
    setBusy(true);
    setProblems(NO_PROBLEMS);
    try {
      await request("api/load/start", "POST", parsed.plan);
      location.hash = toHash("statistics");
    } catch (error) {
      setProblems(sortProblems(error instanceof RequestError ? error : String(error)));
      setBusy(false);
    }
  }

  const shared = { state, problems: fields, onChange: change };
  const openAdvanced = ADVANCED.some((name) => fields[name] !== undefined);
  return (
    <form ref={form} class="card plan-form" noValidate onSubmit={(event) => void submit(event)}>
      <div class="form-grid plan-where">
        <PlanField
          {...shared}
          name="host"
          label="Host"
          placeholder="http://127.0.0.1:8000"
          hint="Where requests go"
        />
        <PlanField
          {...shared}
          name="run_time_seconds"
          label="Run time"
          placeholder="until it is stopped"
          hint="90s, 5m or 1h30m; or nothing"
        />
      </div>
      <ProfilePicker
        kind={state.kind}
        hasShape={script.has_shape}
        onChange={(kind) => change({ kind })}
        problem={fields["kind"]}
      />
      <ProfileFields {...shared} />
      {classNames.length > 1 && (
        <Chips
          legend="User classes"
          hint="None chosen: all take part"
          options={classNames}
          chosen={state.user_classes}
          onChange={(chosen) => change({ user_classes: chosen })}
          problem={fields["user_classes"]}
        />
      )}
      <details class="advanced" open={openAdvanced || undefined}>
        <summary>Advanced: thresholds, tags, seed</summary>
        <div class="advanced-body">
          <AreaField
            label="Thresholds"
            hint={
              <>
                One a line, such as <code>p(95)&lt;50</code>, <code>predict:p(99)&lt;200</code> or{" "}
                <code>failures&lt;0.01</code>. One that is crossed makes the run fail.
              </>
            }
            rows={3}
            value={state.thresholds}
            onInput={(thresholds) => change({ thresholds })}
            problem={fields["thresholds"]}
          />
          {tags.length > 0 && (
            <div class="form-grid">
              <Chips
                legend="Only tasks tagged"
                hint="None chosen: all"
                options={tags}
                chosen={state.tags}
                onChange={(chosen) => change({ tags: chosen })}
                problem={fields["tags"]}
              />
              <Chips
                legend="No tasks tagged"
                options={tags}
                chosen={state.exclude_tags}
                onChange={(chosen) => change({ exclude_tags: chosen })}
                problem={fields["exclude_tags"]}
              />
            </div>
          )}
          <div class="form-grid">
            <PlanField
              {...shared}
              name="seed"
              label="Seed"
              isNumber
              hint="The same seed: the same rows, choices and waits"
            />
            <PlanField
              {...shared}
              name="stop_timeout_seconds"
              label="Stop time-out"
              hint="How long requests in flight may take after a stop"
            />
          </div>
        </div>
      </details>
      {problems.others.map((message) => (
        <Notice key={message} tone="bad" live>
          {message}
        </Notice>
      ))}
      <div class="plan-actions">
        <Button type="submit" look="primary" busy={isBusy} disabled={obstacle !== undefined}>
          <PlayIcon /> {isBusy ? "Starting…" : "Start the run"}
        </Button>
        {obstacle !== undefined && <p class="muted">{obstacle}</p>}
      </div>
    </form>
  );
}
