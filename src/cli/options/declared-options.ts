import { Option, type Command } from "commander";
import { toFlagName, toVariableName } from "../../config/names.ts";
import type { OptionDeclaration, OptionDeclarations } from "../../kernel/options.ts";

/** Adds declared options to a command. Values stay texts: `resolveOptions` reads and checks them. */
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
      ...(hasDefault(declaration) ? [`default: ${declaration.default}`] : []),
      ...(variables ? [toVariableName(name)] : []),
    ];
    const note = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
    const shown = new Option(`${flag}${value}`, `${declaration.help}${note}`);
    if (declaration.type !== "switch") command.addOption(shown);
    else {
      // A switch can be told both, whatever a file or the environment says. Of the two, the one without `no` comes first,
      // or else the program takes it for given.
      const other = declaration.default ? `--${toFlagName(name)}` : `--no-${toFlagName(name)}`;
      const hidden = new Option(other).hideHelp();
      for (const one of declaration.default ? [hidden, shown] : [shown, hidden])
        command.addOption(one);
    }
  }
  return command;
}

/** The flag that changes something: `--no-x` of a switch that is on by default. */
export function toFlag(name: string, { type, default: value }: OptionDeclaration): string {
  return `--${type === "switch" && value ? "no-" : ""}${toFlagName(name)}`;
}

/** Whether the option has a value when nobody gives it one. */
export function hasDefault({ type, default: value }: OptionDeclaration): boolean {
  return type === "list" ? value.length > 0 : value !== null;
}

/** What stands for the value in help and tables. */
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
