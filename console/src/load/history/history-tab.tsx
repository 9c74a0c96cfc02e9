import { useEffect, useState } from "preact/hooks";
import { Button, buttonClass } from "../../components/button.tsx";
import { Empty, Loading } from "../../components/empty.tsx";
import { Notice } from "../../components/notice.tsx";
import type { RunSummary } from "../../../../src/load/contract/report.ts";
import { useSurroundings } from "../surroundings.ts";
import { useRequest } from "../use-request.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { RunsTable } from "./runs-table.tsx";
import "./history.css";

interface Props {
  /** Id of the run that is shown above. */
  readonly currentId: string;
  /** A change of this value reloads the list. */
  readonly refreshOn: string;
}

/** The runs that the server stores. */
export function HistoryTab({ currentId, refreshOn }: Props) {
  const { toHash } = useSurroundings();
  const { data, problem, again } = useRequest<{ readonly runs: readonly RunSummary[] }>(
    "api/load/runs",
  );
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [toDelete, setToDelete] = useState<RunSummary | null>(null);
  useEffect(again, [refreshOn]);

  if (data === null) {
    return problem === null ? (
      <Loading what="Loading past runs…" />
    ) : (
      <Notice
        tone="bad"
        title="Past runs are not available"
        action={<Button onClick={again}>Try again</Button>}
      >
        {problem}
      </Notice>
    );
  }
  if (data.runs.length === 0) {
    return (
      <Empty title="No past runs yet">
        Every finished run is stored and survives a restart. Two runs can be compared.
      </Empty>
    );
  }
  const known = chosen.filter((id) => data.runs.some((run) => run.id === id));
  const [newer, older] = data.runs.filter((run) => known.includes(run.id));
  return (
    <div class="stack-small">
      <div class="section-head">
        <p class="muted">
          {newer === undefined
            ? "Choose two runs to compare them."
            : older === undefined
              ? "Choose one more run to compare."
              : "Two runs chosen."}
        </p>
        {newer !== undefined && older !== undefined ? (
          <a class={buttonClass("primary")} href={toHash("compare", older.id, newer.id)}>
            Compare
          </a>
        ) : (
          <Button look="primary" disabled>
            Compare
          </Button>
        )}
      </div>
      <RunsTable
        runs={data.runs}
        currentId={currentId}
        chosen={known}
        onChoose={(id, isChosen) =>
          // A third choice replaces the first.
          setChosen(isChosen ? [...known, id].slice(-2) : known.filter((other) => other !== id))
        }
        onDelete={setToDelete}
      />
      {toDelete !== null && (
        <DeleteDialog
          run={toDelete}
          onClose={(isDeleted) => {
            setToDelete(null);
            if (isDeleted) again();
          }}
        />
      )}
    </div>
  );
}
