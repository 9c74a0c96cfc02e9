import type { Alert } from "../prometheus/client.ts";
import { formatDateTime } from "../lib/format.ts";
import { useReply } from "../shell/use-reply.ts";
import type { PanelProps } from "./panel-props.ts";

/** The alerts that are pending or firing. */
export function AlertList({ client, range }: PanelProps) {
  const { data, problem } = useReply<readonly Alert[]>(
    (signal) => client.alerts(signal),
    [client, range],
  );
  if (problem !== undefined) return <p class="panel-problem">{problem}</p>;
  if (data === undefined) return null;
  if (data.length === 0) return <p class="big-value is-empty">No alerts</p>;
  return (
    <ul class="alerts">
      {data.map(({ labels, annotations, state, activeAt }) => (
        <li key={JSON.stringify(labels)} class={`alert is-${state}`}>
          <strong>{labels["alertname"]}</strong> <span class="alert-list-state">{state}</span>
          <p>{annotations["summary"]}</p>
          {activeAt !== undefined && (
            <p class="muted">since {formatDateTime(Date.parse(activeAt))}</p>
          )}
        </li>
      ))}
    </ul>
  );
}
