import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { createFolder } from "../../test/support/folders.ts";
import type { Block, Page, Problem } from "./page.ts";

/** A program that checks a configuration, and the files that it reads. */
interface Check {
  readonly program: string;
  /** Returns the arguments that check a file. */
  readonly toArgs: (file: string) => readonly string[];
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
      const message = await run(check.program, check.toArgs(file));
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
    if (names.some((name) => name.endsWith("_configs"))) {
      return checkAlertmanager(addRoute(text, item));
    }
    return undefined;
  }
  if (has("services")) {
    const args = ["--project-directory", root, "-f", join(root, "compose.yaml")];
    const toArgs = (file: string) => [...args, "-f", file, "config", "-q"];
    return { program: "docker-compose", toArgs, text };
  }
  if (has("groups")) return checkRules(text);
  if (has("scrape_configs", "rule_files", "remote_write", "alerting")) return checkPrometheus(text);
  if (has("receivers") && has("route")) return checkAlertmanager(text);
  return undefined;
}

/** Puts a list below a name. */
function nest(name: string, list: string, indent = ""): string {
  return `${indent}${name}:\n${list.replaceAll(/^(?=.)/gm, `${indent}  `)}`;
}

function checkPrometheus(text: string): Check {
  return {
    program: "promtool",
    toArgs: (file) => ["check", "config", "--syntax-only", file],
    text,
  };
}

function checkRules(text: string): Check {
  return { program: "promtool", toArgs: (file) => ["check", "rules", file], text };
}

function checkAlertmanager(text: string): Check {
  return { program: "amtool", toArgs: (file) => ["check-config", file], text };
}

/** Makes a configuration of a list of receivers: all alerts go to the first one. */
function addRoute(receivers: string, first: object): string {
  const name: unknown = Reflect.get(first, "name");
  return `route:\n  receiver: ${JSON.stringify(name)}\n${nest("receivers", receivers)}`;
}

/** Returns the output of a program that fails, or that is missing. */
function run(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env } }, (error, stdout, stderr) => {
      resolve(
        error === null ? undefined : `${program}: ${(stderr + stdout).trim() || error.message}`,
      );
    });
  });
}
