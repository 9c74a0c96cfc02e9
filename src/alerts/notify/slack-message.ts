import type { PayloadAlert, WebhookPayload } from "./payload.ts";

/** The message format of Slack's incoming webhooks. Mattermost, Rocket.Chat and Discord (`/slack`) accept it too. */
export interface SlackMessage {
  /** Shown in push notifications. */
  readonly text: string;
  readonly attachments: readonly SlackAttachment[];
}

interface SlackAttachment {
  readonly color: "danger" | "warning" | "good";
  readonly title: string;
  readonly text: string;
  readonly fallback: string;
}

/** With more, Slack rejects or truncates the message. */
const MAX_ATTACHMENTS = 20;
const MAX_TEXT = 2_000;

export function createSlackMessage({
  alerts,
  status,
  commonLabels,
  groupLabels,
  truncatedAlerts,
}: WebhookPayload): SlackMessage {
  const firing = alerts.filter((alert) => alert.status === "firing").length;
  const head = status === "firing" ? `FIRING: ${firing}` : "RESOLVED";
  const name = groupLabels["alertname"] ?? commonLabels["alertname"] ?? "alerts";
  const rest = Object.entries(groupLabels).filter(([label]) => label !== "alertname");
  const suffix = rest.length === 0 ? "" : ` (${rest.map((pair) => pair.join("=")).join(", ")})`;
  const omitted = Math.max(0, alerts.length - MAX_ATTACHMENTS) + truncatedAlerts;
  const more = omitted === 0 ? "" : `, and ${omitted} more`;
  return {
    text: escapeText(`[${head}] ${name}${suffix}${more}`),
    attachments: alerts.slice(0, MAX_ATTACHMENTS).map(toAttachment),
  };
}

function toAttachment({ status, labels, annotations }: PayloadAlert): SlackAttachment {
  const title = annotations["summary"] ?? labels["alertname"] ?? "alert";
  const details = [annotations["description"], annotations["runbook_url"]];
  const color =
    status === "resolved" ? "good" : labels["severity"] === "warning" ? "warning" : "danger";
  return {
    color,
    title: escapeText(status === "resolved" ? `Resolved: ${title}` : title),
    text: escapeText(details.filter((detail) => detail !== undefined && detail !== "").join("\n")),
    fallback: escapeText(title),
  };
}

/** Escapes the three special characters of Slack. Otherwise `<!channel>` in a label would notify the whole channel. */
function escapeText(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
