import { buttonClass } from "../components/button.tsx";
import { HistoryIcon, Mark, PlayIcon } from "../components/icons.tsx";
import { ThemeSwitch } from "../components/theme-switch.tsx";
import { toHash } from "../lib/route.ts";
import type { LiveState } from "./live-state.ts";
import { isInProgress } from "./states.ts";

const CONNECTIONS: Readonly<Record<LiveState["connection"], string>> = {
  connecting: "Connecting",
  open: "Live",
  lost: "Connection lost",
};

interface Props {
  readonly live: LiveState;
  readonly route: readonly string[];
}

export function TopBar({ live: { connection, about, report }, route }: Props) {
  const canStart = report !== null && !isInProgress(report.state) && about !== null;
  const isAtForm = route[0] === "new" || (route.length === 0 && report?.id === "");
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <a class="brand" href={toHash(report?.id === "" ? "new" : "statistics")}>
          <Mark />
          <span>
            Tepal <span class="brand-part">Load test</span>
          </span>
        </a>
        {about !== null && (
          <span class="top-bar-script mono" title={`Script; Tepal ${about.version}`}>
            {about.script.path}
          </span>
        )}
        <div class="top-bar-actions">
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
          <ThemeSwitch />
        </div>
      </div>
    </header>
  );
}
