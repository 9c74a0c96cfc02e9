import { useId } from "preact/hooks";
import type { Feature } from "../model/manifest.ts";
import type { Warning } from "./reply.ts";
import { toControl } from "./row.ts";

interface Props {
  readonly feature: Feature;
  readonly text: string;
  readonly onInput: (text: string) => void;
  /** The server's problem with the value. */
  readonly problem: string | undefined;
  readonly warnings: readonly Warning[];
}

/** The field of a feature: a number, and a slider over the range of the training data. Values beyond the range can be typed. */
export function FeatureField({ feature, text, onInput, problem, warnings }: Props) {
  const { name, unit, nullable } = feature;
  const control = toControl(feature);
  const id = useId();
  const isBad = problem !== undefined;
  const notes = warnings.map(({ message }) => message).join(" ");
  return (
    <div class={`feature${isBad ? " is-bad" : warnings.length > 0 ? " is-warned" : ""}`}>
      <div class="feature-head">
        <label class="field-label" for={id}>
          {name}
        </label>
        <span class="feature-range">{describeRange(feature)}</span>
      </div>
      <div class="feature-inputs">
        {control.kind === "slider" && (
          <input
            type="range"
            aria-label={`${name}, slider`}
            min={control.min}
            max={control.max}
            step={control.step}
            value={text === "" ? control.min : text}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        )}
        <span class={`field-box${isBad ? " has-problem" : ""}`}>
          <input
            id={id}
            name={name}
            class="field-input"
            inputmode="decimal"
            autocomplete="off"
            spellcheck={false}
            value={text}
            placeholder={nullable ? "missing" : ""}
            aria-describedby={`${id}-notes`}
            {...(isBad && { "aria-invalid": true })}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
          {unit !== null && <span class="field-unit">{unit}</span>}
        </span>
      </div>
      <div id={`${id}-notes`}>
        {isBad && <p class="field-problem">{problem}</p>}
        {notes !== "" && <p class="feature-warning">{notes}</p>}
      </div>
    </div>
  );
}

function describeRange({ min, max, nullable }: Feature): string {
  const range = min === null || max === null ? "range unknown" : `trained on ${min} to ${max}`;
  return nullable ? `${range}, may be missing` : range;
}
