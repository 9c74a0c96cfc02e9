import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { renderDefaultRules } from "../../default-rules/default-rules.ts";
import { DEFAULT_SERVER_URL, loadAlertSettings } from "../../default-rules/settings.ts";
import { replaceFile } from "../../kernel/replace-file.ts";
import { print } from "../terminal/print.ts";

export function createRulesCommand(): Command {
  return new Command("rules")
    .description("Write the default alert rules as rule files for Prometheus")
    .helpOption("-h, --help", "Print this help")
    .option("--alert-settings <FILE>", "JSON file with limits and objectives")
    .option("--output <FOLDER>", "Folder of the rule files", "rules")
    .addHelpText("after", "\nSettings: docs/alerting.md#settings")
    .action(async (options: { alertSettings?: string; output: string }) => {
      const settings = await loadAlertSettings(options.alertSettings ?? null);
      await mkdir(options.output, { recursive: true });
      for (const [name, text] of renderDefaultRules(settings, DEFAULT_SERVER_URL)) {
        const path = join(options.output, name);
        await replaceFile(path, text, 0o644);
        print(`${path}\n`);
      }
    });
}
