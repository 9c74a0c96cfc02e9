import { useEffect, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import type { PanelData } from "./use-panel-data.ts";

/** A query that ends sooner shows nothing. */
const SHOWN_MS = 1_000;
/** Queries that take longer can be cancelled. */
const SLOW_MS = 1_500;

interface Props {
  readonly data: PanelData;
}

/** The state of the queries of a panel: a bar while they run, and what can be done. */
export function PanelProgress({ data }: Props) {
  const { problem, frames, isLoading, isCancelled, cancel, again } = data;
  const isShown = useLasting(isLoading, SHOWN_MS);
  const isSlow = useLasting(isShown, SLOW_MS - SHOWN_MS);
  if (isLoading) {
    return (
      <>
        {isShown && <span class="panel-bar" aria-hidden="true" />}
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

/** Returns true once a state lasts for some milliseconds. */
function useLasting(isActive: boolean, milliseconds: number): boolean {
  const [isLasting, setLasting] = useState(false);
  useEffect(() => {
    if (!isActive) return;
    const timer = setTimeout(() => setLasting(true), milliseconds);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [isActive]);
  return isLasting && isActive;
}
