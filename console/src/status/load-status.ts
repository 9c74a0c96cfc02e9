import type { RuleGroup } from "../alerts/alert-types.ts";
import { getData, optional } from "../alerts/alerts-api.ts";
import type { Api } from "../lib/api.ts";
import type {
  MonitorStatus,
  ServerStatus,
  StatusData,
  Target,
  TsdbStatus,
} from "./status-types.ts";

/** Loads all parts. A part that the server does not have is undefined. */
export async function loadStatus(api: Api, signal: AbortSignal): Promise<StatusData> {
  const own = <T>(path: string): Promise<T | undefined> => optional(api.json<T>(path, { signal }));
  const data = <T>(path: string): Promise<T | undefined> => optional(getData<T>(api, path, signal));
  const [server, monitor, source, targets, rules, build, runtime, flags, config, tsdb, managers] =
    await Promise.all([
      own<ServerStatus>("admin/status"),
      own<MonitorStatus>("admin/status/monitor"),
      own<{ kind: string | null; url: string | null }>("console/source"),
      data<{ activeTargets?: readonly Target[] }>("targets?state=active"),
      data<{ groups?: readonly RuleGroup[] }>("rules?exclude_alerts=true"),
      data<Readonly<Record<string, string>>>("status/buildinfo"),
      data<Readonly<Record<string, unknown>>>("status/runtimeinfo"),
      data<Readonly<Record<string, string>>>("status/flags"),
      data<{ yaml?: string }>("status/config"),
      data<TsdbStatus>("status/tsdb"),
      data<{ activeAlertmanagers?: readonly { url: string }[] }>("alertmanagers"),
    ]);
  return {
    server,
    monitor,
    prometheusUrl: source?.kind === "prometheus" ? source.url : null,
    targets: targets?.activeTargets,
    groups: rules?.groups,
    build,
    runtime,
    flags,
    yaml: config?.yaml,
    tsdb,
    alertmanagers: managers?.activeAlertmanagers?.map(({ url }) => url),
  };
}
