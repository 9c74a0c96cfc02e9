import type { PayloadAlert, WebhookPayload } from "./payload.ts";

/** A message as Slack's incoming webhooks take it, and what is made like them (Mattermost, Rocket.Chat, Discord's /slack). */
export interface SlackMessage {
  /** What notifications on a telephone show. */
  readonly text: string;
  readonly attachments: readonly SlackAttachment[];
}

interface SlackAttachment {
  readonly color: "danger" | "warning" | "good";
  readonly title: string;
  readonly text: string;
  readonly fallback: string;
}

/** More make Slack refuse or cut the message. */
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
  const of = rest.length === 0 ? "" : ` (${rest.map((pair) => pair.join("=")).join(", ")})`;
  const left = Math.max(0, alerts.length - MAX_ATTACHMENTS) + truncatedAlerts;
  const more = left === 0 ? "" : `, and ${left} more`;
  return {
    text: escapeText(`[${head}] ${name}${of}${more}`),
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
    title: escapeText(status === "resolved" ? `Over: ${title}` : title),
    text: escapeText(details.filter((one) => one !== undefined && one !== "").join("\n")),
    fallback: escapeText(title),
  };
}

/** Slack's three special characters; without it `<!channel>` in a label would call everybody. */
function escapeText(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
