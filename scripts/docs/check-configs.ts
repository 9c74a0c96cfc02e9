import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { createFolder } from "../../test/support/folders.ts";
import type { Block, Page, Problem } from "./page.ts";

/** A program that checks a configuration, and the files that it reads. */
interface Check {
  readonly program: string;
  /** Before the path of the file. */
  readonly args: readonly string[];
  readonly text: string;
}

/** Checks YAML blocks that are configurations, or parts of them, by the programs that read them. */
export async function checkConfigs(
  pages: readonly Page[],
  root: string,
): Promise<readonly Problem[]> {
  const checks = pages.flatMap(({ path, blocks }) =>
    blocks.flatMap((block) => {
      const check = block.attributes.has("not-checked") ? undefined : findCheck(block, root);
      return check === undefined ? [] : [{ path, line: block.line, check }];
    }),
  );
  await using folder = await createFolder();
  const problems = await Promise.all(
    checks.map(async ({ path, line, check }, index): Promise<readonly Problem[]> => {
      const file = join(folder.path, `${index}.yml`);
      await writeFile(file, check.text);
      const message = await run(check.program, [...check.args, file]);
      return message === undefined ? [] : [{ path, line, message }];
    }),
  );
  return problems.flat();
}

function findCheck({ language, text }: Block, root: string): Check | undefined {
  if (language !== "yaml") return undefined;
  const content: unknown = parseDocument(text).toJS();
  const [first]: readonly unknown[] = Array.isArray(content) ? content : [];
  const item = first ?? content;
  if (typeof item !== "object" || item === null) return undefined;
  const names = Object.keys(item);
  const has = (...wanted: readonly string[]): boolean =>
    names.some((name) => wanted.includes(name));
  if (Array.isArray(content)) {
    if (has("job_name")) return checkPrometheus(nest("scrape_configs", text));
    if (has("alert", "record"))
      return checkRules(nest("groups", `- name: page\n${nest("rules", text, "  ")}`));
    if (names.some((name) => name.endsWith("_configs"))) return checkAlertmanager(text, item);
    return undefined;
  }
  if (has("services")) {
    const args = ["--project-directory", root, "-f", join(root, "compose.yaml"), "-f"];
    return { program: "docker-compose", args, text };
  }
  if (has("groups")) return checkRules(text);
  if (has("scrape_configs", "rule_files", "remote_write", "alerting")) return checkPrometheus(text);
  if (has("receivers") && has("route")) {
    return { program: "amtool", args: ["check-config"], text };
  }
  return undefined;
}

/** Puts a list below a name. */
function nest(name: string, list: string, indent = ""): string {
  return `${indent}${name}:\n${list.replaceAll(/^(?=.)/gm, `${indent}  `)}`;
}

function checkPrometheus(text: string): Check {
  return { program: "promtool", args: ["check", "config", "--syntax-only"], text };
}

function checkRules(text: string): Check {
  return { program: "promtool", args: ["check", "rules"], text };
}

function checkAlertmanager(text: string, first: object): Check {
  const name: unknown = Reflect.get(first, "name");
  const route = `route:\n  receiver: ${JSON.stringify(name)}\n`;
  return { program: "amtool", args: ["check-config"], text: route + nest("receivers", text) };
}

/** Returns the output of a program that fails, or that is missing. */
function run(program: string, args: readonly string[]): Promise<string | undefined> {
  const words = program === "docker-compose" ? [...args, "config", "-q"] : args;
  return new Promise((resolve) => {
    execFile(program, words, { env: { ...process.env } }, (error, stdout, stderr) => {
      resolve(
        error === null ? undefined : `${program}: ${(stderr + stdout).trim() || error.message}`,
      );
    });
  });
}
