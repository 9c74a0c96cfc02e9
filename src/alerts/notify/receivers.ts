import { readFile } from "node:fs/promises";
import { describeMismatch, InputProblems } from "../../kernel/check.ts";
import { toMessage } from "../../kernel/errors.ts";
import { parse } from "../../promql/syntax/parser.ts";
import { METRIC_NAME, type Matcher } from "../../series/series.ts";
import { RECEIVER_URL, type AlertsOptions } from "../options.ts";

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
  const problems = new InputProblems();
  const receivers = {
    webhooks: [
      ...options.alertWebhook.map((text) => new URL(text)),
      ...(await readAddressFile(options.alertWebhookFile, problems)),
    ],
    matchers: parseMatchers(options.alertWebhookMatch, problems),
    alertmanagers: options.alertmanagerUrl.map((text) => new URL(text)),
  };
  problems.throwIfAny("INVALID_OPTION", "option");
  return receivers;
}

/** An address in each line that is not empty and does not begin with #. */
async function readAddressFile(
  file: string | null,
  problems: InputProblems,
): Promise<readonly URL[]> {
  if (file === null) return [];
  const at = `--alert-webhook-file ${file}`;
  try {
    const lines = (await readFile(file, "utf8")).split("\n");
    return lines.flatMap((line, i) => {
      const text = line.trim();
      if (text === "" || text.startsWith("#")) return [];
      const url = problems.read(RECEIVER_URL, text, { at: `${at}:${i + 1}` });
      return url === undefined ? [] : [new URL(url)];
    });
  } catch (error) {
    problems.add(at, `Cannot read the file: ${toMessage(error)}.`);
    return [];
  }
}

function parseMatchers(texts: readonly string[], problems: InputProblems): readonly Matcher[] {
  try {
    const expr = parse(`any{${texts.join(",")}}`);
    if (expr.kind !== "vector selector") throw new Error("it is more than a selector");
    return expr.matchers.filter(({ name }) => name !== METRIC_NAME);
  } catch (error) {
    const expected = 'a list of matchers, for example severity!="info",team=~"a|b"';
    const cause = `The parser reports: ${toMessage(error)}.`;
    problems.add("--alert-webhook-match", describeMismatch(expected, texts.join(","), cause));
    return [];
  }
}
