import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { formatProblem } from "../../kernel/check.ts";
import { TepalError, toMessage, type Problem } from "../../kernel/errors.ts";
import type { ScriptDescription } from "../contract/script-description.ts";
import { LoadTestDefinition, User } from "./definitions.ts";
import { findLocation } from "./source-location.ts";

const SPECIFIER = "tepal/load";
const define = new URL(
  import.meta.url.endsWith(".ts") ? "./define.ts" : "./define.js",
  import.meta.url,
);

/**
 * Imports a script and returns its default export as a load test.
 *
 * @throws TepalError INVALID_OPTION with all problems, by file and line
 */
export async function loadScript(path: string): Promise<LoadTestDefinition> {
  const file = resolve(path);
  if (!existsSync(file)) throw toError([{ at: path, message: "The file does not exist." }]);
  installImportHooks();
  let exported: unknown;
  try {
    const script: { readonly default?: unknown } = await import(pathToFileURL(file).href);
    exported = script.default;
  } catch (error) {
    throw toError([{ at: locateError(error, file), message: describeError(error) }]);
  }
  const definition = toDefinition(exported, file);
  if (definition.problems.length > 0) throw toError(definition.problems);
  return definition;
}

/** Describes the contents of a script. @param path as given by the user */
export function describeScript(path: string, definition: LoadTestDefinition): ScriptDescription {
  return {
    path,
    user_classes: definition.users.map(({ weight, host, tasks }, i) => ({
      name: definition.names[i]!,
      weight,
      host,
      tasks: tasks.map((task) => ({ name: task.name, weight: task.weight, tags: task.tags })),
    })),
    has_shape: definition.shape !== null,
    thresholds: definition.thresholds,
  };
}

/** Resolves `tepal/load` to the running Tepal from any folder, and strips types below node_modules, where Node.js refuses to. */
function installImportHooks(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === SPECIFIER ? { url: define.href, shortCircuit: true } : next(specifier, context),
    load(url, context, next) {
      if (!/\/node_modules\/.*\.m?ts$/.test(url)) return next(url, context);
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"));
      return { format: "module", source, shortCircuit: true };
    },
  });
}

function toDefinition(exported: unknown, file: string): LoadTestDefinition {
  if (exported instanceof LoadTestDefinition) return exported;
  const users: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (users.length > 0 && users.every((user) => user instanceof User)) {
    return new LoadTestDefinition({ users }, file);
  }
  const problem = exported === undefined ? "Missing default export." : "Invalid default export.";
  const message = `${problem} Expected the result of defineUser() or defineLoadTest(), or a list of user classes.`;
  throw toError([{ at: file, message }]);
}

function toError(problems: readonly Problem[]): TepalError {
  const lines = problems.map(formatProblem);
  const message =
    lines.length === 1
      ? `Invalid script: ${lines[0]}`
      : [`${lines.length} problems in the script:`, ...lines].join("\n  ");
  return new TepalError("INVALID_OPTION", message, { problems });
}

function describeError(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  const message = toMessage(error);
  return name === "" || name === "Error" || message.startsWith(name)
    ? message
    : `${name}: ${message}`;
}

/** Returns where an error comes from: a line of the script if possible, else any file that belongs neither to Tepal nor to Node.js. */
function locateError(error: unknown, script: string): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const inScript = findLocation(stack, (file) => file === script);
  if (inScript !== "") return inScript;
  const source = fileURLToPath(new URL("../..", import.meta.url));
  const elsewhere = findLocation(stack, (file) => !file.startsWith(source));
  if (elsewhere !== "") return elsewhere;
  if (!(error instanceof SyntaxError)) return script;
  // Node.js prints the line of a syntax error in JavaScript only with --check.
  const { stderr } = spawnSync(process.execPath, ["--check", script], {
    encoding: "utf8",
    timeout: 5_000,
  });
  const checked = findLocation(stderr, (file) => file === script);
  return checked === "" ? script : checked;
}
