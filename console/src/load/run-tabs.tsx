import type { LogLine } from "../../../src/load/contract/log-line.ts";
import type { RunReport } from "../../../src/load/contract/report.ts";
import { Tabs, type Tab } from "../components/tabs.tsx";
import { formatCount } from "../lib/format.ts";
import { ChartsTab } from "./charts-tab.tsx";
import { DownloadTab } from "./download-tab.tsx";
import { ExceptionsTab } from "./exceptions-tab.tsx";
import { FailuresTab } from "./failures-tab.tsx";
import { HistoryTab } from "./history/history-tab.tsx";
import type { LiveState } from "./live-state.ts";
import { LogsTab } from "./logs-tab.tsx";
import { RatioTab } from "./ratio-tab.tsx";
import { ServerTab } from "./server/server-tab.tsx";
import { StatisticsTab } from "./statistics/statistics-tab.tsx";
import { useSurroundings } from "./surroundings.ts";

interface Props {
  readonly report: RunReport;
  readonly about: NonNullable<LiveState["about"]>;
  readonly logs: readonly LogLine[];
  readonly tab: string;
  /** Name of the run on the server: its id, or `current`. */
  readonly source: string;
  readonly toTabHash: (tab: string) => string;
}

/** All views of a live or past run. */
export function RunTabs({ report, about, logs, tab, source, toTabHash }: Props) {
  const { client } = useSurroundings();
  const tabs: readonly Tab[] = [
    { id: "statistics", label: "Statistics" },
    { id: "charts", label: "Charts" },
    ...(client === undefined ? [] : [{ id: "server", label: "Client and server" }]),
    { id: "failures", label: "Failures", ...toBadge(report.total.failures) },
    { id: "exceptions", label: "Exceptions", ...toBadge(countAll(report.exceptions)) },
    { id: "ratio", label: "Ratio" },
    { id: "download", label: "Download" },
    { id: "logs", label: "Logs" },
    { id: "history", label: "History" },
  ];
  const selected = tabs.some(({ id }) => id === tab) ? tab : "statistics";
  const isPast = source !== "current";
  return (
    <Tabs
      label="Run"
      tabs={tabs}
      selected={selected}
      onSelect={(id) => {
        location.replace(toTabHash(id));
      }}
    >
      {selected === "statistics" && <StatisticsTab report={report} />}
      {selected === "charts" && <ChartsTab report={report} />}
      {selected === "server" && client !== undefined && (
        <ServerTab report={report} client={client} />
      )}
      {selected === "failures" && <FailuresTab report={report} />}
      {selected === "exceptions" && <ExceptionsTab report={report} />}
      {selected === "ratio" && <RatioTab script={about.script} report={report} isPast={isPast} />}
      {selected === "download" && <DownloadTab report={report} source={source} />}
      {selected === "logs" && <LogsTab logs={logs} isPast={isPast} />}
      {selected === "history" && (
        <HistoryTab
          currentId={report.id}
          refreshOn={`${report.id}${report.verdict?.outcome ?? ""}`}
        />
      )}
    </Tabs>
  );
}

function countAll(entries: readonly { readonly count: number }[]): number {
  return entries.reduce((total, { count }) => total + count, 0);
}

/** Number of problems. */
function toBadge(count: number) {
  return count > 0 ? { badge: formatCount(count), badgeIsBad: true } : {};
}
