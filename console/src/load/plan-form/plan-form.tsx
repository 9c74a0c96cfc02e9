import { useEffect, useRef, useState } from "preact/hooks";
import type { RunPlan } from "../../../../src/load/contract/plan.ts";
import { Button } from "../../components/button.tsx";
import { PlayIcon } from "../../components/icons.tsx";
import { Notice } from "../../components/notice.tsx";
import { ApiError } from "../../lib/api.ts";
import { useMedia } from "../../lib/use-media.ts";
import type { LiveState } from "../live-state.ts";
import { useSurroundings } from "../surroundings.ts";
import { Chips } from "./chips.tsx";
import {
  findFields,
  parseForm,
  toFormState,
  type FieldValue,
  type FormState,
} from "./form-state.ts";
import { sortProblems, type FieldProblems } from "./problems.ts";
import { PlanField, ProfileFields } from "./profile-fields.tsx";
import { ProfilePicker } from "./profile-picker.tsx";
import "./plan-form.css";

interface Props {
  readonly plan: RunPlan;
  readonly about: NonNullable<LiveState["about"]>;
  /** Why no run can start now; undefined if one can. */
  readonly obstacle: string | undefined;
}

const NO_PROBLEMS: FieldProblems = { fields: {}, others: [] };
const ADVANCED = ["thresholds", "workers", "seed", "stop_timeout_seconds", "tags", "exclude_tags"];

/** The form of a new run. The server checks the plan, and the form shows each problem at its field. */
export function PlanForm({ plan, about, obstacle }: Props) {
  const { api, toHash, client } = useSurroundings();
  const { script, profiles, plan_fields: planFields } = about;
  const [state, setState] = useState<FormState>(() => toFormState(plan, about));
  const [problems, setProblems] = useState<FieldProblems>(NO_PROBLEMS);
  const [isBusy, setBusy] = useState(false);
  // On a phone, the nine cards would come before what most runs change.
  const isNarrow = useMedia("(max-width: 640px)");
  const form = useRef<HTMLFormElement>(null);
  const { fields } = problems;
  const onChange = (name: string, value: FieldValue) =>
    setState((before) => ({ ...before, values: { ...before.values, [name]: value } }));
  const classNames = script.user_classes.map(({ name }) => name);
  const tags = [
    ...new Set(script.user_classes.flatMap(({ tasks }) => tasks.flatMap((task) => task.tags))),
  ];

  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problems]);

  async function submit(event: Event) {
    event.preventDefault();
    const parsed = parseForm(state, about);
    if (Object.keys(parsed.problems).length > 0) {
      setProblems({ fields: parsed.problems, others: [] });
      return;
    }
    setBusy(true);
    setProblems(NO_PROBLEMS);
    try {
      const { host, ...elsewhere } = parsed.plan;
      const body = client === undefined ? { host, ...elsewhere } : elsewhere;
      await api.json("api/load/start", { method: "POST", body });
      location.hash = toHash("statistics");
    } catch (error) {
      setProblems(sortProblems(error instanceof ApiError ? error : String(error)));
      setBusy(false);
    }
  }

  const shared = { state, problems: fields, onChange };
  const planField = (name: string, placeholder?: string) => {
    const field = planFields.find((one) => one.name === name);
    return (
      field && (
        <PlanField {...shared} field={field} {...(placeholder !== undefined && { placeholder })} />
      )
    );
  };
  const chips = (name: string, options: readonly string[]) => {
    const field = planFields.find((one) => one.name === name);
    const value = state.values[name];
    return (
      field && (
        <Chips
          legend={field.label}
          {...(field.hint !== null && { hint: field.hint })}
          options={options}
          chosen={typeof value === "object" ? value : []}
          onChange={(chosen) => onChange(name, chosen)}
          problem={fields[name]}
        />
      )
    );
  };
  const picker = (
    <ProfilePicker
      key="picker"
      kind={state.kind}
      profiles={profiles}
      hasShape={script.has_shape}
      onChange={(kind) => setState((before) => ({ ...before, kind }))}
      problem={fields["kind"]}
    />
  );
  const problemNotices = problems.others.map((message) => (
    <Notice key={message} tone="bad" live>
      {message}
    </Notice>
  ));
  const actions = (
    <div key="actions" class="plan-actions">
      <Button type="submit" look="primary" busy={isBusy} disabled={obstacle !== undefined}>
        <PlayIcon /> {isBusy ? "Starting…" : "Start the run"}
      </Button>
      {obstacle !== undefined && <p class="muted">{obstacle}</p>}
    </div>
  );
  const openAdvanced = ADVANCED.some((name) => fields[name] !== undefined);
  return (
    <form ref={form} class="card plan-form" noValidate onSubmit={(event) => void submit(event)}>
      <div class="form-grid plan-where">
        {client === undefined ? (
          planField("host", "http://127.0.0.1:8000")
        ) : (
          <FixedHost host={about.defaults.host} />
        )}
        {planField("run_time_seconds", "until it is stopped")}
      </div>
      {!isNarrow && picker}
      <ProfileFields {...shared} fields={findFields(state.kind, profiles)} />
      {isNarrow && problemNotices}
      {isNarrow && actions}
      {isNarrow && picker}
      {classNames.length > 1 && chips("user_classes", classNames)}
      <details class="advanced" open={openAdvanced || undefined}>
        <summary>Advanced: thresholds, tags, workers, seed</summary>
        <div class="advanced-body">
          {planField("thresholds")}
          {tags.length > 0 && (
            <div class="form-grid">
              {chips("tags", tags)}
              {chips("exclude_tags", tags)}
            </div>
          )}
          <div class="form-grid">
            {planField("workers")}
            {planField("seed")}
            {planField("stop_timeout_seconds")}
          </div>
        </div>
      </details>
      {!isNarrow && problemNotices}
      {!isNarrow && actions}
    </form>
  );
}

/** The target of runs from the console, which cannot be changed there. */
function FixedHost({ host }: { readonly host: string }) {
  return (
    <div class="field">
      <span class="field-label">Host</span>
      <span class="fixed-host mono">{host}</span>
      <span class="field-hint">
        Runs from the console go to this server. The load page itself takes any host.
      </span>
    </div>
  );
}
