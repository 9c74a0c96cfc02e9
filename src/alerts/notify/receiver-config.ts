import { readFile } from "node:fs/promises";
import { describeMismatch, InputProblems } from "../../kernel/check.ts";
import { toMessage } from "../../kernel/errors.ts";
import type { Matcher } from "../../series/series.ts";
import { parseMatchers } from "../rules/parse-matchers.ts";
import { RECEIVER_URL, type AlertsOptions } from "../options.ts";

/** The receivers of alerts. */
export interface ReceiverConfig {
  readonly webhooks: readonly URL[];
  /** Webhooks receive the alerts that match all of these. */
  readonly matchers: readonly Matcher[];
  readonly alertmanagers: readonly URL[];
}

/**
 * Reads the receivers from the options and from the file that they name. URLs in the options have been checked already.
 *
 * @throws TepalError INVALID_OPTION with all problems; its messages contain no URLs, because these may be secrets
 */
export async function readReceiverConfig(options: AlertsOptions): Promise<ReceiverConfig> {
  const problems = new InputProblems();
  const config = {
    webhooks: [
      ...options.alertWebhook.map((url) => new URL(url)),
      ...(await readUrlFile(options.alertWebhookFile, problems)),
    ],
    matchers: readMatchers(options.alertWebhookMatch, problems),
    alertmanagers: options.alertmanagerUrl.map((url) => new URL(url)),
  };
  problems.throwIfAny("INVALID_OPTION", "option");
  return config;
}

/** Reads a URL from each line, except empty lines and those that start with #. */
async function readUrlFile(file: string | null, problems: InputProblems): Promise<readonly URL[]> {
  if (file === null) return [];
  const at = `--alert-webhook-file ${file}`;
  try {
    const lines = (await readFile(file, "utf8")).split("\n");
    return lines.flatMap((line, i) => {
      const written = line.trim();
      if (written === "" || written.startsWith("#")) return [];
      const url = problems.read(RECEIVER_URL, written, { at: `${at}:${i + 1}` });
      return url === undefined ? [] : [new URL(url)];
    });
  } catch (error) {
    problems.add(at, `Cannot read the file: ${toMessage(error)}.`);
    return [];
  }
}

function readMatchers(written: readonly string[], problems: InputProblems): readonly Matcher[] {
  const list = written.join(",");
  try {
    return parseMatchers(written);
  } catch (error) {
    const expected = 'a list of matchers, for example severity!="info",team=~"a|b"';
    const cause = `The parser reports: ${toMessage(error)}.`;
    problems.add("--alert-webhook-match", describeMismatch(expected, list, cause));
    return [];
  }
}
