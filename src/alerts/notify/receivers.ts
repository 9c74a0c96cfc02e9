import { readFile } from "node:fs/promises";
import { TepalError, toMessage, type Problem } from "../../kernel/errors.ts";
import { parse } from "../../promql/syntax/parser.ts";
import { parseHttpAddress } from "../../series/http-address.ts";
import { METRIC_NAME, type Matcher } from "../../series/series.ts";
import { NO_ADDRESS, type AlertsOptions } from "../options.ts";

/** Who is told of alerts. */
export interface Receivers {
  readonly webhooks: readonly URL[];
  /** Webhooks are told of alerts that have all of these. */
  readonly matchers: readonly Matcher[];
  readonly alertmanagers: readonly URL[];
}

/**
 * Reads whom the options name, and the file that they name. Their own addresses were checked when the options were resolved.
 *
 * @throws TepalError INVALID_OPTION with all that is wrong, without the addresses: they may be secrets
 */
export async function readReceivers(options: AlertsOptions): Promise<Receivers> {
  const problems: Problem[] = [];
  const receivers = {
    webhooks: [
      ...options.alertWebhook.map((text) => new URL(text)),
      ...(await readAddressFile(options.alertWebhookFile, problems)),
    ],
    matchers: parseMatchers(options.alertWebhookMatch, problems),
    alertmanagers: options.alertmanagerUrl.map((text) => new URL(text)),
  };
  if (problems.length > 0) {
    const lines = problems.map(({ at, message }) => `${at} ${message}`);
    throw new TepalError("INVALID_OPTION", lines.join("\n"), { problems });
  }
  return receivers;
}

/** An address in each line that is not empty and does not begin with #. */
async function readAddressFile(file: string | null, problems: Problem[]): Promise<readonly URL[]> {
  if (file === null) return [];
  const at = `--alert-webhook-file ${file}`;
  try {
    const lines = (await readFile(file, "utf8")).split("\n");
    return lines.flatMap((line, i) => {
      const text = line.trim();
      if (text === "" || text.startsWith("#")) return [];
      const url = parseHttpAddress(text);
      if (url === undefined) {
        problems.push({ at: `${at}, line ${i + 1},`, message: `cannot be used: ${NO_ADDRESS}` });
      }
      return url ?? [];
    });
  } catch (error) {
    problems.push({ at, message: `cannot be read: ${toMessage(error)}` });
    return [];
  }
}

function parseMatchers(texts: readonly string[], problems: Problem[]): readonly Matcher[] {
  try {
    const expr = parse(`any{${texts.join(",")}}`);
    if (expr.kind !== "vector selector") throw new Error("it is more than a selector");
    return expr.matchers.filter(({ name }) => name !== METRIC_NAME);
  } catch (error) {
    const expected = 'such as severity!="info" or team=~"a|b"';
    problems.push({
      at: "--alert-webhook-match",
      message: `is not a list of matchers, ${expected}: ${toMessage(error)}`,
    });
    return [];
  }
}
