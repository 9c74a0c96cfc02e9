import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { parseHttpAddress } from "../series/http-address.ts";

/** What is wrong with a receiver's address, without the address. */
export const NO_ADDRESS =
  "it is no address such as http://HOST/PATH or https://HOST/PATH; a % in a user or password is written %25";

const findAddressFault = (item: string): string | undefined =>
  parseHttpAddress(item) === undefined ? NO_ADDRESS : undefined;

/** What has to be read first, files or PromQL, is checked when a server starts (check-options.ts). */
const asItIs = (): undefined => undefined;

export const ALERTS_OPTIONS = {
  rules: {
    type: "list",
    placeholder: "GLOB_OR_FOLDER",
    default: [],
    findFault: asItIs,
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
    findFault: findAddressFault,
    isSecret: true,
    help: "Webhooks that are told of alerts; without it nobody is",
  },
  alertWebhookFile: {
    type: "optional text",
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
    findFault: asItIs,
    help: "Labels of the alerts that webhooks are told of, as in PromQL; all must hold",
  },
  alertGroupBy: {
    type: "list",
    placeholder: "LABEL",
    default: ["alertname", "job"],
    findFault: (item) =>
      item === "..." || /^[a-zA-Z_]\w*$/.test(item) ? undefined : "it is no name of a label",
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
    findFault: findAddressFault,
    isSecret: true,
    help: "Alertmanagers that alerts are handed over to; they group, silence and route",
  },
} as const satisfies OptionDeclarations;

export type AlertsOptions = OptionValues<typeof ALERTS_OPTIONS>;
