import { CheckField, TextField } from "../../components/field.tsx";
import type { FieldName, FormState } from "./form-state.ts";

export interface FieldsProps {
  readonly state: FormState;
  readonly problems: Readonly<Record<string, string | undefined>>;
  readonly onChange: (change: Partial<FormState>) => void;
}

type TextName = Exclude<FieldName, "kind" | "poisson" | "user_classes" | "tags" | "exclude_tags">;

interface PlanFieldProps extends FieldsProps {
  readonly name: TextName;
  readonly label: string;
  readonly unit?: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly isNumber?: boolean;
}

/** One line of the plan. */
export function PlanField(props: PlanFieldProps) {
  const { state, problems, onChange, name, isNumber = false, ...rest } = props;
  return (
    <TextField
      {...rest}
      {...(isNumber && { inputmode: "decimal" as const })}
      name={name}
      value={state[name]}
      problem={problems[name]}
      onInput={(value) => onChange({ [name]: value })}
    />
  );
}

/** The fields that the chosen kind of load has. */
export function ProfileFields(props: FieldsProps) {
  const { state, onChange } = props;
  switch (state.kind) {
    case "custom":
      return <p class="muted">The script says how many users there are, and when.</p>;
    case "constant_rate":
      return (
        <div class="form-grid">
          <PlanField {...props} name="rate" label="Rate" unit="per second" isNumber />
          <MaxUsers {...props} />
          <Poisson state={state} onChange={onChange} />
        </div>
      );
    case "ramping_rate":
      return (
        <div class="form-grid">
          <PlanField {...props} name="from_rate" label="From" unit="per second" isNumber />
          <PlanField {...props} name="to_rate" label="To" unit="per second" isNumber />
          <PlanField {...props} name="ramp_seconds" label="Within" placeholder="1m" />
          <MaxUsers {...props} />
          <Poisson state={state} onChange={onChange} />
        </div>
      );
    default:
      return (
        <div class="form-grid">
          <PlanField {...props} name="users" label="Users" unit="at the peak" isNumber />
          <PlanField {...props} name="spawn_rate" label="Spawn rate" unit="per second" isNumber />
          {state.kind !== "users" && (
            <PlanField {...props} name="stage_seconds" label="Each stage lasts" placeholder="30s" />
          )}
        </div>
      );
  }
}

function MaxUsers(props: FieldsProps) {
  return (
    <PlanField
      {...props}
      name="max_users"
      label="At most"
      unit="at a time"
      isNumber
      hint="What comes beyond is dropped, and counted"
    />
  );
}

function Poisson({ state, onChange }: Pick<FieldsProps, "state" | "onChange">) {
  return (
    <CheckField
      label="Poisson arrivals"
      hint="At random, as people come, and not evenly"
      checked={state.poisson}
      onChange={(poisson) => onChange({ poisson })}
    />
  );
}
