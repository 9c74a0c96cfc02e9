import { Option, type Command } from "commander";
import { toFlagName, toVariableName } from "../../config/names.ts";
import type { OptionDeclaration, OptionDeclarations } from "../../kernel/options.ts";

/**
 * Adds declared options to a command. Their values remain strings, which `resolveOptions` parses and checks.
 * @param variables true if environment variables set the options too; the help then names them
 */
export function addDeclaredOptions(
  command: Command,
  declarations: OptionDeclarations,
  { variables }: { readonly variables: boolean },
): Command {
  for (const [name, declaration] of Object.entries(declarations)) {
    const value = declaration.type === "switch" ? "" : ` <${toPlaceholder(declaration)}>`;
    const flag = toFlag(name, declaration);
    const notes = [
      ...(declaration.type === "choice" ? [declaration.choices.join(" | ")] : []),
      // The flag of a switch implies its default.
      ...(declaration.type !== "switch" && hasDefault(declaration)
        ? [`default: ${declaration.default}`]
        : []),
      ...(variables ? [toVariableName(name)] : []),
    ];
    const note = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
    const shown = new Option(`${flag}${value}`, `${declaration.help}${note}`);
    if (declaration.type !== "switch") command.addOption(shown);
    else {
      // Flags can set a switch to either value, to override a file or the environment. Commander takes `--no-x` as a default of
      // true unless `--x` is declared before it.
      const other = declaration.default ? `--${toFlagName(name)}` : `--no-${toFlagName(name)}`;
      const hidden = new Option(other).hideHelp();
      for (const option of declaration.default ? [hidden, shown] : [shown, hidden])
        command.addOption(option);
    }
  }
  return command;
}

/** Returns the flag that changes the default: `--no-x` for a switch that is on by default. */
export function toFlag(name: string, { type, default: value }: OptionDeclaration): string {
  return `--${type === "switch" && value ? "no-" : ""}${toFlagName(name)}`;
}

/** True if the option has a default value. */
export function hasDefault({ type, default: value }: OptionDeclaration): boolean {
  return type === "list" ? value.length > 0 : value !== null;
}

/** Returns the placeholder of the value in help and tables. */
export function toPlaceholder(declaration: OptionDeclaration): string {
  switch (declaration.type) {
    case "string":
    case "optional string":
      return declaration.placeholder;
    case "list":
      return `${declaration.placeholder},…`;
    case "integer":
    case "number":
      return "N";
    case "choice":
      return "CHOICE";
    case "switch":
      return "";
  }
}
