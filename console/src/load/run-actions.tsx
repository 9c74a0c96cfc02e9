import { buttonClass } from "../components/button.tsx";
import { HistoryIcon, PlayIcon } from "../components/icons.tsx";
import type { LiveState } from "./live-state.ts";
import { isInProgress } from "./states.ts";
import { useSurroundings } from "./surroundings.ts";

const CONNECTIONS: Readonly<Record<LiveState["connection"], string>> = {
  connecting: "Connecting",
  open: "Live",
  lost: "Connection lost",
};

interface Props {
  readonly live: LiveState;
  readonly route: readonly string[];
}

/** The state of the connection, and the way to a new run or to the history. */
export function RunActions({ live: { connection, about, report }, route }: Props) {
  const { toHash } = useSurroundings();
  const canStart = report !== null && !isInProgress(report.state) && about !== null;
  const isAtForm = route[0] === "new" || (route.length === 0 && report?.id === "");
  return (
    <>
      <span class={`connection is-${connection}`}>
        <span class="connection-text">{CONNECTIONS[connection]}</span>
      </span>
      {isAtForm && (
        <a class={buttonClass("quiet", true)} href={toHash("history")}>
          <HistoryIcon /> History
        </a>
      )}
      {canStart && !isAtForm && (
        <a class={buttonClass("primary", true)} href={toHash("new")}>
          <PlayIcon /> New run
        </a>
      )}
    </>
  );
}
