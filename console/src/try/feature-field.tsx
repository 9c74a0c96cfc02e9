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

/**
 * The field of a feature: a number, and a slider over the range of the training data, beyond which values can be typed; a select of
 * categories; or a checkbox.
 */
export function FeatureField({ feature, text, onInput, problem, warnings }: Props) {
  const { name, unit, nullable } = feature;
  const control = toControl(feature);
  const id = useId();
  const isBad = problem !== undefined;
  const shared = {
    id,
    name,
    "aria-describedby": `${id}-notes`,
    ...(isBad && { "aria-invalid": true as const }),
  };
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
        {control.kind === "check" && (
          <input
            {...shared}
            type="checkbox"
            checked={text === "true"}
            onChange={(event) => onInput(String(event.currentTarget.checked))}
          />
        )}
        {control.kind === "choice" && (
          <span class={`field-box${isBad ? " has-problem" : ""}`}>
            <select
              {...shared}
              class="field-input"
              value={text}
              onChange={(event) => onInput(event.currentTarget.value)}
            >
              {listChoices(control.values, text, nullable).map(([value, label]) => (
                <option key={value} value={value} selected={value === text}>
                  {label}
                </option>
              ))}
            </select>
          </span>
        )}
        {control.kind !== "check" && control.kind !== "choice" && (
          <span class={`field-box${isBad ? " has-problem" : ""}`}>
            <input
              {...shared}
              class="field-input"
              {...(control.kind !== "text" && { inputmode: "decimal" as const })}
              autocomplete="off"
              spellcheck={false}
              value={text}
              placeholder={nullable ? "missing" : ""}
              onInput={(event) => onInput(event.currentTarget.value)}
            />
            {unit !== null && <span class="field-unit">{unit}</span>}
          </span>
        )}
      </div>
      <div id={`${id}-notes`}>
        {isBad && <p class="field-problem">{problem}</p>}
        {notes !== "" && <p class="feature-warning">{notes}</p>}
      </div>
    </div>
  );
}

/** The values of a select with their labels: also the present one if it is not known, for example from a link. */
function listChoices(
  values: readonly string[],
  text: string,
  nullable: boolean,
): readonly (readonly [value: string, label: string])[] {
  const others = values.includes(text) ? [] : [text];
  const missing = nullable && !values.includes("") && text !== "" ? [""] : [];
  return [...missing, ...others, ...values].map((value) => [
    value,
    value !== "" ? value : nullable ? "missing" : values.includes("") ? "empty" : "choose",
  ]);
}

function describeRange({ type, min, max, nullable, categories = [] }: Feature): string {
  if (type === "boolean") return nullable ? "true or false, may be missing" : "true or false";
  if (type === "category") {
    const text = categories.length === 1 ? "1 category" : `${categories.length} categories`;
    return nullable ? `${text}, may be missing` : text;
  }
  const range = min === null || max === null ? "range unknown" : `trained on ${min} to ${max}`;
  return nullable ? `${range}, may be missing` : range;
}
