import type { Parser } from "../kernel/check.ts";
import { custom, secret, string } from "../kernel/check/values.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { HTTP_URL_ADVICE, parseHttpUrl } from "../series/http-url.ts";

/** Accepts the URL of a receiver, which may hold a secret. */
export const RECEIVER_URL: Parser<string> = secret(
  custom(
    "a URL, for example http://127.0.0.1:9093",
    (given) => (typeof given === "string" && parseHttpUrl(given) !== undefined ? given : undefined),
    HTTP_URL_ADVICE,
  ),
);

export const ALERTS_OPTIONS = {
  rules: {
    type: "list",
    placeholder: "GLOB_OR_FOLDER",
    default: [],
    // check-options.ts checks it when a server starts.
    item: string(),
    help: "Files of Prometheus's rules that the monitor evaluates, or folders of them, instead of Tepal's own",
  },
  rulesInterval: {
    type: "number",
    default: 15,
    min: 0.1,
    max: 86_400,
    help: "Seconds between two evaluations of a group of rules that says nothing else",
  },
  alertWebhook: {
    type: "list",
    placeholder: "URL",
    default: [],
    item: RECEIVER_URL,
    help: "Webhooks that are told of alerts; without it nobody is",
  },
  alertWebhookFile: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "File with webhooks, one a line, for addresses that are secrets",
  },
  alertWebhookFormat: {
    type: "choice",
    choices: ["alertmanager", "slack"],
    default: "alertmanager",
    help: "What webhooks are sent: Alertmanager's JSON, or a message as Slack takes it",
  },
  alertWebhookMatch: {
    type: "list",
    placeholder: "MATCHER",
    default: ['severity!="info"'],
    // check-options.ts checks it when a server starts.
    item: string(),
    help: "Labels of the alerts that webhooks are told of, as in PromQL; all must hold",
  },
  alertGroupBy: {
    type: "list",
    placeholder: "LABEL",
    default: ["alertname", "job"],
    item: custom("the name of a label, or ... for all", (given) =>
      typeof given === "string" && (given === "..." || /^[a-zA-Z_]\w*$/.test(given))
        ? given
        : undefined,
    ),
    help: "Labels by which webhooks get alerts together; ... is all of them",
  },
  alertGroupWait: {
    type: "number",
    default: 30,
    min: 0,
    max: 86_400,
    help: "Seconds that a webhook's first message of a group waits for more alerts",
  },
  alertGroupInterval: {
    type: "number",
    default: 300,
    min: 1,
    max: 86_400,
    help: "Seconds after a webhook's message until the next of the same group, when something has changed",
  },
  alertRepeatInterval: {
    type: "number",
    default: 14_400,
    min: 1,
    max: 2_592_000,
    help: "Seconds after which a webhook is told again of what still fires",
  },
  alertmanagerUrl: {
    type: "list",
    placeholder: "URL",
    default: [],
    item: RECEIVER_URL,
    help: "Alertmanagers that alerts are handed over to; they group, silence and route",
  },
} as const satisfies OptionDeclarations;

export type AlertsOptions = OptionValues<typeof ALERTS_OPTIONS>;
