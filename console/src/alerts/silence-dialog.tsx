import { useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { AreaField, TextField } from "../components/field.tsx";
import { Notice } from "../components/notice.tsx";
import type { Api } from "../lib/api.ts";

import type { Labels } from "../prometheus/client.ts";
import { createSilence, toMessage } from "./alerts-api.ts";
import {
  DURATIONS,
  readForm,
  toForm,
  type SilenceForm,
  type SilenceProblems,
} from "./silence-form.ts";

const AUTHOR = "tepal-silence-author";

interface Props {
  readonly api: Api;
  /** Labels of the alert to silence; empty for a form to fill in. */
  readonly labels: Labels;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** A form that silences alerts for a while. */
export function SilenceDialog({ api, labels, onDone, onClose }: Props) {
  const [form, setForm] = useState(() => toForm(labels, readAuthor()));
  const [problems, setProblems] = useState<SilenceProblems>({});
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const change = (field: keyof SilenceForm) => (value: string) =>
    setForm({ ...form, [field]: value });

  async function submit(): Promise<void> {
    const read = readForm(form, Date.now());
    if ("problems" in read) {
      setProblems(read.problems);
      return;
    }
    setProblems({});
    setBusy(true);
    try {
      await createSilence(api, read.body);
      storeAuthor(form.createdBy);
      onDone();
    } catch (error) {
      setFailure(toMessage(error));
      setBusy(false);
    }
  }

  return (
    <Dialog title="Silence alerts" onClose={onClose}>
      <form
        class="silence-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p class="muted">
          Alerts that match all of the matchers are evaluated as before, and webhooks get no message
          about them.
        </p>
        <AreaField
          label="Matchers"
          hint={
            <>
              One a line, for example <code>route=~"/predict.*"</code>. Fewer match more alerts.
            </>
          }
          rows={5}
          value={form.matchers}
          problem={problems.matchers}
          onInput={change("matchers")}
        />
        <TextField
          label="Duration"
          value={form.duration}
          problem={problems.duration}
          onInput={change("duration")}
        />
        <div class="silence-durations">
          {DURATIONS.map((each) => (
            <Button
              key={each}
              small
              aria-pressed={form.duration === each}
              onClick={() => change("duration")(each)}
            >
              {each}
            </Button>
          ))}
        </div>
        <TextField
          label="Comment"
          placeholder="Planned work on the database"
          value={form.comment}
          problem={problems.comment}
          onInput={change("comment")}
        />
        <TextField label="Your name" value={form.createdBy} onInput={change("createdBy")} />
        {failure !== undefined && (
          <Notice tone="bad" title="The server did not create the silence" live>
            {failure}
          </Notice>
        )}
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={isBusy}>
            Silence
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function readAuthor(): string {
  try {
    return localStorage.getItem(AUTHOR) ?? "";
  } catch {
    return "";
  }
}

function storeAuthor(name: string): void {
  try {
    localStorage.setItem(AUTHOR, name);
  } catch {
    // The next form is empty.
  }
}
