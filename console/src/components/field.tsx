import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "./field.css";

interface Common {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** Problem of the value, shown below the field and read by screen readers. */
  readonly problem?: string | undefined;
}

interface TextProps extends Common {
  readonly name?: string;
  readonly placeholder?: string;
  /** Keyboard of touch devices. */
  readonly inputmode?: "decimal";
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** Unit behind the value, for example `per second`. */
  readonly unit?: string;
}

/** A labelled input for one line of text or a number. */
export function TextField({ label, hint, problem, unit, onInput, ...rest }: TextProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <span class={`field-box${problem === undefined ? "" : " has-problem"}`}>
        <input
          {...rest}
          id={id}
          class="field-input"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => onInput(event.currentTarget.value)}
          {...describe(id, hint, problem)}
        />
        {unit !== undefined && <span class="field-unit">{unit}</span>}
      </span>
    </Frame>
  );
}

interface AreaProps extends Common {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly rows?: number;
  readonly placeholder?: string;
}

/** A labelled input for several lines of text. */
export function AreaField({ label, hint, problem, onInput, ...rest }: AreaProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <span class={`field-box${problem === undefined ? "" : " has-problem"}`}>
        <textarea
          {...rest}
          id={id}
          class="field-input mono"
          spellcheck={false}
          onInput={(event) => onInput(event.currentTarget.value)}
          {...describe(id, hint, problem)}
        />
      </span>
    </Frame>
  );
}

interface CheckProps {
  readonly label: ComponentChildren;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly hint?: string;
}

export function CheckField({ label, checked, onChange, hint }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        {hint !== undefined && <span class="field-hint">{hint}</span>}
      </span>
    </label>
  );
}

interface FrameProps extends Common {
  readonly id: string;
  readonly children: ComponentChildren;
}

function Frame({ id, label, hint, problem, children }: FrameProps) {
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {children}
      {problem !== undefined && (
        <p class="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function describe(id: string, hint: ComponentChildren, problem: string | undefined) {
  const ids = [problem !== undefined && `${id}-problem`, hint !== undefined && `${id}-hint`];
  const describedBy = ids.filter((part) => part !== false).join(" ");
  return {
    ...(describedBy !== "" && { "aria-describedby": describedBy }),
    ...(problem !== undefined && { "aria-invalid": true }),
  };
}
