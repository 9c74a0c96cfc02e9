import type { RunReport } from "../../../../src/load/contract/report.ts";
import { buttonClass } from "../../components/button.tsx";
import type { LiveState } from "../live-state.ts";
import { RatioList } from "../ratio-tab.tsx";
import { toRatios } from "../ratios.ts";
import { isInProgress } from "../states.ts";
import { useSurroundings } from "../surroundings.ts";
import { PlanForm } from "./plan-form.tsx";

interface Props {
  readonly about: NonNullable<LiveState["about"]>;
  readonly report: RunReport;
}

const EVERYONE = { user_classes: [], tags: [], exclude_tags: [] };

/** The form of a new run, and the contents of the script. */
export function NewRun({ about, report }: Props) {
  const { toHash } = useSurroundings();
  const { script, defaults } = about;
  const hadRun = report.id !== "";
  const obstacle = isInProgress(report.state) ? "A run is in progress. Stop it first." : undefined;
  return (
    <>
      <header class="view-head">
        <h1>New run</h1>
        {hadRun && (
          <a class={buttonClass("plain", true)} href={toHash("statistics")}>
            Back to {isInProgress(report.state) ? "the run" : "the last run"}
          </a>
        )}
      </header>
      <div class="new-run">
        <PlanForm
          // The next run starts with the plan of the last one.
          plan={hadRun ? report.plan : defaults}
          about={about}
          obstacle={obstacle}
        />
        <aside class="card script-card" aria-label="Script">
          <h2>What users do</h2>
          <p class="muted mono">{script.path}</p>
          <RatioList ratios={toRatios(script, EVERYONE)} />
          {script.thresholds.length > 0 && (
            <>
              <h3>Thresholds of the script</h3>
              <ul class="plain-list mono">
                {script.thresholds.map((threshold) => (
                  <li key={threshold}>{threshold}</li>
                ))}
              </ul>
            </>
          )}
        </aside>
      </div>
    </>
  );
}
