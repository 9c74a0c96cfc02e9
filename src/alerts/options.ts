import type { Parser } from "../kernel/check.ts";
import { custom, secret, string } from "../kernel/check/values.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { HTTP_URL_ADVICE, parseHttpUrl } from "../kernel/http-url.ts";

/** Accepts the URL of a receiver. It may contain a secret. */
export const RECEIVER_URL: Parser<string> = secret(
  custom(
    "a URL, for example http://127.0.0.1:9093",
    (given) => (typeof given === "string" && parseHttpUrl(given) !== undefined ? given : undefined),
    HTTP_URL_ADVICE,
  ),
);

const EXTERNAL_LABEL = /^([a-zA-Z_]\w*)=(.+)$/;

/** Returns the labels of `--external-label`. The last value of a repeated name wins. */
export function toExternalLabels(items: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    items.flatMap((item): [string, string][] => {
      const [, name = "", value = ""] = EXTERNAL_LABEL.exec(item) ?? [];
      return name === "" ? [] : [[name, value]];
    }),
  );
}

export const ALERTS_OPTIONS = {
  rules: {
    type: "list",
    placeholder: "GLOB_OR_FOLDER",
    default: [],
    // Checked by check-options.ts when a server starts.
    item: string(),
    help: "Prometheus rule files that the monitor evaluates instead of its default rules",
  },
  alertSettings: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    // Checked by check-options.ts when a server starts.
    help: "JSON file with limits and objectives of the default rules",
  },
  rulesInterval: {
    type: "number",
    default: 15,
    min: 0.1,
    max: 86_400,
    help: "Default evaluation interval of rule groups, in seconds",
  },
  alertWebhook: {
    type: "list",
    placeholder: "URL",
    default: [],
    item: RECEIVER_URL,
    help: "Webhook URLs that alerts are sent to",
  },
  alertWebhookFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with webhook URLs, one per line, for URLs that are secrets",
  },
  alertWebhookFormat: {
    type: "choice",
    choices: ["alertmanager", "slack"],
    default: "alertmanager",
    help: "Format of webhook messages: Alertmanager's JSON or a Slack message",
  },
  alertWebhookMatch: {
    type: "list",
    placeholder: "MATCHER",
    default: ['severity!="info"'],
    // Checked by check-options.ts when a server starts.
    item: string(),
    help: "PromQL label matchers of the alerts that webhooks receive",
  },
  alertGroupBy: {
    type: "list",
    placeholder: "LABEL",
    default: ["alertname", "job"],
    item: custom("a label name, or ... for all labels", (given) =>
      typeof given === "string" && (given === "..." || /^[a-zA-Z_]\w*$/.test(given))
        ? given
        : undefined,
    ),
    help: "Labels that webhook messages group alerts by (... = all labels)",
  },
  alertGroupWait: {
    type: "number",
    default: 30,
    min: 0,
    max: 86_400,
    help: "Seconds that the first message of a group waits for more alerts",
  },
  alertGroupInterval: {
    type: "number",
    default: 300,
    min: 1,
    max: 86_400,
    help: "Seconds before a webhook message about changes in a group",
  },
  alertRepeatInterval: {
    type: "number",
    default: 14_400,
    min: 1,
    max: 2_592_000,
    help: "Seconds before a webhook message about firing alerts is repeated",
  },
  externalLabel: {
    type: "list",
    placeholder: "NAME=VALUE",
    default: [],
    item: custom("a label name, = and a value, for example site=berlin", (given) =>
      typeof given === "string" && EXTERNAL_LABEL.test(given) ? given : undefined,
    ),
    help: "Labels of this server in notifications, remote write and /federate",
  },
  alertmanagerUrl: {
    type: "list",
    placeholder: "URL",
    default: [],
    item: RECEIVER_URL,
    help: "URLs of Alertmanagers that alerts are sent to",
  },
} as const satisfies OptionDeclarations;

export type AlertsOptions = OptionValues<typeof ALERTS_OPTIONS>;
