import { MODEL_OPTIONS } from "../../model/options.ts";
import { findDefault } from "../../model/find-default.ts";

/**
 * Returns the lines that end a command which wrote a model: the command that serves it, and its URL.
 * @param models the folder of all models
 * @param name the model that was written
 */
export async function describeNext(models: string, name: string): Promise<readonly string[]> {
  const folder = models === MODEL_OPTIONS.models.default ? "" : ` --models ${quote(models)}`;
  const selected = await findDefault(models).catch(() => undefined);
  const serve = `  ${toProgram()} serve${folder}`;
  if (selected?.name === name) return ["", "Next, serve it at /predict:", "", serve];
  const path = `/models/${name}/predict`;
  if (selected?.name === undefined) return ["", `Next, serve it at ${path}:`, "", serve];
  return [
    "",
    `Next, serve it at ${path}; /predict remains with ${selected.name} (--default-model ${name} changes that):`,
    "",
    serve,
  ];
}

/**
 * Returns the program as the user has started it: through the npm script of a clone, with npx, or as an installed command. npm 11.19 names its
 * command `run`, earlier versions name it `run-script`.
 */
function toProgram(): string {
  const { npm_lifecycle_event: script, npm_command: command = "" } = process.env;
  if (script === "tepal" && ["run", "run-script"].includes(command)) return "npm run tepal --";
  return command === "exec" && script === "npx" ? "npx tepal" : "tepal";
}

/** Quotes an argument for a shell if it needs quotes. */
function quote(text: string): string {
  return /^[\w./~:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
