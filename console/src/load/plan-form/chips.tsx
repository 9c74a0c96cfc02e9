interface Props {
  readonly legend: string;
  readonly hint?: string;
  readonly options: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  readonly problem?: string | undefined;
}

/** Any of a few names. */
export function Chips({ legend, hint, options, chosen, onChange, problem }: Props) {
  return (
    <fieldset class="field">
      <legend class="legend">{legend}</legend>
      <div class="chips">
        {options.map((option) => (
          <label key={option} class="chip">
            <input
              type="checkbox"
              class="cover-input"
              checked={chosen.includes(option)}
              onChange={(event) =>
                onChange(
                  options.filter((name) =>
                    name === option ? event.currentTarget.checked : chosen.includes(name),
                  ),
                )
              }
            />
            {option}
          </label>
        ))}
      </div>
      {problem !== undefined && <p class="field-problem">{problem}</p>}
      {hint !== undefined && <p class="field-hint">{hint}</p>}
    </fieldset>
  );
}
