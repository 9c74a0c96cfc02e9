import type { FieldDescription } from "../../../../src/load/contract/load-document.ts";
import { AreaField, CheckField, TextField } from "../../components/field.tsx";
import type { FieldValue, FormState } from "./form-state.ts";

export interface FieldsProps {
  readonly state: FormState;
  readonly problems: Readonly<Record<string, string | undefined>>;
  readonly onChange: (name: string, value: FieldValue) => void;
}

interface PlanFieldProps extends FieldsProps {
  readonly field: FieldDescription;
  readonly placeholder?: string;
}

/** One field of the plan, as the server describes it. */
export function PlanField(props: PlanFieldProps) {
  const { state, problems, onChange, field, placeholder } = props;
  const { name, type, label, unit, hint } = field;
  const value = state.values[name];
  if (type === "boolean") {
    return (
      <CheckField
        label={label}
        {...(hint !== null && { hint })}
        checked={value === true}
        onChange={(checked) => onChange(name, checked)}
      />
    );
  }
  const shared = {
    label,
    ...(hint !== null && { hint }),
    value: typeof value === "string" ? value : "",
    problem: problems[name],
    onInput: (written: string) => onChange(name, written),
  };
  if (type === "list") return <AreaField {...shared} rows={3} />;
  return (
    <TextField
      {...shared}
      {...(unit !== null && { unit })}
      {...(placeholder !== undefined && { placeholder })}
      {...((type === "integer" || type === "number") && { inputmode: "decimal" as const })}
      name={name}
    />
  );
}

interface ProfileFieldsProps extends FieldsProps {
  readonly fields: readonly FieldDescription[];
}

/** The fields of the selected profile. */
export function ProfileFields({ fields, ...props }: ProfileFieldsProps) {
  if (fields.length === 0) return null;
  return (
    <div class="form-grid">
      {fields.map((field) => (
        <PlanField key={field.name} {...props} field={field} />
      ))}
    </div>
  );
}
