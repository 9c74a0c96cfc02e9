import { useContext, useState } from "preact/hooks";
import type { PlanChange, Profile } from "../../../src/load/contract/plan.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { TextField } from "../components/field.tsx";
import { Notice } from "../components/notice.tsx";
import { ApiError } from "../lib/api.ts";
import { ProfilesContext } from "./profile-text.ts";
import { sortProblems, type FieldProblems } from "./plan-form/problems.ts";
import { useSurroundings } from "./surroundings.ts";

interface Props {
  readonly profile: Profile;
  readonly onClose: () => void;
}

/** Changes the load of the running test. */
export function EditDialog({ profile, onClose }: Props) {
  const { api } = useSurroundings();
  const { changes = [], fields = [] } =
    useContext(ProfilesContext).find(({ kind }) => kind === profile.kind) ?? {};
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => {
    const present: Readonly<Record<string, unknown>> = profile;
    return Object.fromEntries(changes.map(({ name, from }) => [name, String(present[from])]));
  });
  const [problems, setProblems] = useState<FieldProblems>({ fields: {}, others: [] });
  const [isBusy, setBusy] = useState(false);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    try {
      const change: PlanChange = Object.fromEntries(
        Object.entries(values).map(([name, text]) => [name, Number(text)]),
      );
      await api.json("api/load/edit", { method: "POST", body: change });
      onClose();
    } catch (error) {
      setProblems(sortProblems(error instanceof ApiError ? error : String(error)));
      setBusy(false);
    }
  }

  return (
    <Dialog title="Edit load" onClose={onClose}>
      <form class="form-grid" onSubmit={(event) => void submit(event)}>
        {changes.map(({ name, from }) => {
          const { label = name, unit = null } = fields.find((field) => field.name === from) ?? {};
          return (
            <TextField
              key={name}
              label={label}
              {...(unit !== null && { unit })}
              name={name}
              inputmode="decimal"
              value={values[name] ?? ""}
              onInput={(value) => setValues({ ...values, [name]: value })}
              problem={problems.fields[name]}
            />
          );
        })}
        {problems.others.map((message) => (
          <Notice key={message} tone="bad" live>
            {message}
          </Notice>
        ))}
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            Apply
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
