import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import type { PanelData } from "./use-panel-data.ts";

/** Queries that take longer can be cancelled. */
const SLOW_MS = 1_500;

interface Props {
  readonly data: PanelData;
}

/** The state of the queries of a panel: a bar while they run, and what can be done. */
export function PanelProgress({ data }: Props) {
  const { problem, frames, isLoading, isCancelled, cancel, again } = data;
  const isSlow = useSlow(isLoading);
  if (isLoading) {
    return (
      <>
        <span class="panel-bar" aria-hidden="true" />
        {isSlow && (
          <p class="panel-note" role="status">
            Waiting for the server…{" "}
            <Button look="plain" small onClick={cancel}>
              Cancel
            </Button>
          </p>
        )}
      </>
    );
  }
  if (isCancelled) {
    return (
      <p class="panel-note" role="status">
        Cancelled.{" "}
        <Button look="plain" small onClick={again}>
          Try again
        </Button>
      </p>
    );
  }
  if (problem === undefined) return null;
  return (
    <div class="panel-problem" role="status">
      <p>{problem}</p>
      {frames !== undefined && <p class="muted">The values below are from before.</p>}
      <Button look="plain" small onClick={again}>
        Try again
      </Button>
    </div>
  );
}

/** Returns true once a state lasts. */
function useSlow(isActive: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!isActive) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [isActive]);
  return isSlow && isActive;
}
