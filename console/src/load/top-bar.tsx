import { Mark } from "../components/icons.tsx";
import { ThemeSwitch } from "../components/theme-switch.tsx";
import { toHash } from "../lib/route.ts";
import type { LiveState } from "./live-state.ts";
import { RunActions } from "./run-actions.tsx";

interface Props {
  readonly live: LiveState;
  readonly route: readonly string[];
}

export function TopBar({ live, route }: Props) {
  const { about, report } = live;
  return (
    <header class="top-bar load-top-bar">
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
          <RunActions live={live} route={route} />
          <ThemeSwitch />
        </div>
      </div>
    </header>
  );
}
