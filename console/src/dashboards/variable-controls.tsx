import { Dropdown } from "../components/dropdown.tsx";
import { ALL } from "../grafana/dashboard.ts";
import type { Selection, VariableState } from "../grafana/variables.ts";
import { listChoices } from "./use-variables.ts";

interface Props {
  readonly selection: Selection;
  readonly onChange: (name: string, values: readonly string[]) => void;
}

/** A control for each variable that has a choice. */
export function VariableControls({ selection, onChange }: Props) {
  const shown = [...selection.values()].filter(({ variable: { isShown } }) => isShown);
  return (
    <div class="variables" role="group" aria-label="Variables">
      {shown.map((state) => (
        <VariableControl
          key={state.variable.name}
          state={state}
          onChange={(values) => onChange(state.variable.name, values)}
        />
      ))}
    </div>
  );
}

interface ControlProps {
  readonly state: VariableState;
  readonly onChange: (values: readonly string[]) => void;
}

function VariableControl({ state, onChange }: ControlProps) {
  const { variable, values } = state;
  const choices = listChoices(state);
  const texts = values.map(
    (value) => choices.find((choice) => choice.value === value)?.text ?? value,
  );
  const text = texts.length === 0 ? "None" : texts.join(" + ");
  if (variable.type === "textbox") {
    return (
      <label class="variable">
        <span class={variable.isLabelShown ? "variable-label" : "visually-hidden"}>
          {variable.label}
        </span>
        <input
          class="variable-input"
          value={values[0] ?? ""}
          onChange={({ currentTarget }) => onChange([currentTarget.value])}
        />
      </label>
    );
  }
  return (
    <div class="variable">
      {variable.isLabelShown && (
        <span class="variable-label" aria-hidden="true">
          {variable.label}
        </span>
      )}
      <Dropdown
        name={`${variable.label}: ${text}`}
        label={<span class="dropdown-text">{text}</span>}
      >
        {(close) => (
          <fieldset>
            <legend class="visually-hidden">{variable.label}</legend>
            {choices.length === 0 && <p class="option muted">No values in this time range</p>}
            {choices.map((choice) => (
              <label key={choice.value} class="option">
                <input
                  type={variable.isMulti ? "checkbox" : "radio"}
                  name={variable.name}
                  checked={values.includes(choice.value)}
                  onChange={() => {
                    onChange(variable.isMulti ? toggle(state, choice.value) : [choice.value]);
                    if (!variable.isMulti) close();
                  }}
                />
                {choice.text === "" ? "(empty)" : choice.text}
              </label>
            ))}
          </fieldset>
        )}
      </Dropdown>
    </div>
  );
}

/** Adds or removes a value. All excludes the others; without any, All is left, or the last value if there is no All. */
function toggle({ variable, values }: VariableState, value: string): readonly string[] {
  if (value === ALL) return [ALL];
  const others = values.filter((each) => each !== ALL && each !== value);
  const next = values.includes(value) ? others : [...others, value];
  if (next.length > 0) return next;
  return variable.hasAll ? [ALL] : [value];
}
