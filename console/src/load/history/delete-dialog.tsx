import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Notice } from "../../components/notice.tsx";
import { formatCount, formatDateTime } from "../../lib/format.ts";
import { ApiError } from "../../lib/api.ts";
import { useFormatProfile } from "../profile-text.ts";
import { useSurroundings } from "../surroundings.ts";
import type { RunSummary } from "../../../../src/load/contract/report.ts";

interface Props {
  readonly run: RunSummary;
  readonly onClose: (isDeleted: boolean) => void;
}

/** Confirms the deletion of a run. */
export function DeleteDialog({ run, onClose }: Props) {
  const { api } = useSurroundings();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const formatProfile = useFormatProfile();

  async function remove() {
    setBusy(true);
    try {
      await api.send(`api/load/runs/${encodeURIComponent(run.id)}`, { method: "DELETE" });
      onClose(true);
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : String(error));
      setBusy(false);
    }
  }

  return (
    <Dialog title="Delete this run?" onClose={() => onClose(false)}>
      <p>
        The run of <strong>{formatDateTime(run.started_at_ms)}</strong> (
        {formatProfile(run.profile)}, {formatCount(run.total.requests)} requests) is removed from
        the disk. This cannot be undone.
      </p>
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      <div class="dialog-actions">
        <Button onClick={() => onClose(false)}>Keep it</Button>
        <Button look="danger" busy={isBusy} onClick={() => void remove()}>
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
