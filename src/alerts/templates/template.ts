import { TemplateError, type Command, type Node, type Operand, type Pipe } from "./ast.ts";
import { FUNCTIONS, LAZY_FUNCTIONS, type TemplateEnvironment } from "./functions.ts";
import { parseTemplate } from "./parser.ts";
import { print } from "./printf.ts";
import { isTrue, LabelMap, readField, Root, toTypeName, type Value } from "./values.ts";

/** The alert that a template is expanded for. */
export interface TemplateData {
  readonly labels: ReadonlyMap<string, string>;
  readonly externalLabels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** A compiled template of a label or an annotation: a subset of Go's text/template with Prometheus's functions. */
export interface Template {
  /** @throws TemplateError if it cannot be expanded with these values */
  expand(data: TemplateData, environment: TemplateEnvironment): string;
}

/** Maximum characters of one expansion. */
const MAX_OUTPUT = 65_536;
/** Maximum commands that one expansion evaluates; limits nested ranges. */
const MAX_STEPS = 100_000;

/** @throws TemplateError with the position of an error, or of a feature that is not supported */
export function compileTemplate(source: string): Template {
  const nodes = parseTemplate(source);
  const [only] = nodes;
  if (nodes.length === 0) return { expand: () => "" };
  if (nodes.length === 1 && only?.kind === "text") return { expand: () => only.text };
  return { expand: (data, environment) => new Expansion(data, environment).run(nodes) };
}

/** The keyword that leaves the current iteration of a range. */
type Leave = "break" | "continue" | undefined;

class Expansion {
  readonly #environment: TemplateEnvironment;
  readonly #root: Root;
  readonly #variables: [name: string, value: Value][];
  #text = "";
  #steps = 0;

  constructor({ labels, externalLabels, value }: TemplateData, environment: TemplateEnvironment) {
    this.#environment = environment;
    this.#root = new Root(
      new LabelMap(labels),
      new LabelMap(externalLabels),
      environment.externalUrl,
      value,
    );
    this.#variables = [
      ["$", this.#root],
      ["$labels", this.#root.labels],
      ["$externalLabels", this.#root.externalLabels],
      ["$externalURL", environment.externalUrl],
      ["$value", value],
    ];
  }

  run(nodes: readonly Node[]): string {
    this.#writeAll(nodes, this.#root);
    return this.#text;
  }

  #writeAll(nodes: readonly Node[], dot: Value): Leave {
    const known = this.#variables.length;
    let leave: Leave;
    for (const node of nodes) {
      leave = this.#write(node, dot);
      if (leave !== undefined) break;
    }
    this.#variables.length = known;
    return leave;
  }

  #write(node: Node, dot: Value): Leave {
    switch (node.kind) {
      case "text":
        this.#append(node.text);
        return undefined;
      case "action": {
        const value = this.#evaluatePipe(node.pipe, dot);
        if (node.pipe.variable === undefined)
          this.#append(value === null ? "<no value>" : print(value));
        return undefined;
      }
      case "break":
      case "continue":
        return node.kind;
      case "range":
        return this.#repeat(node, dot);
      case "if":
      case "with": {
        const known = this.#variables.length;
        const value = this.#evaluatePipe(node.pipe, dot);
        const leave = isTrue(value)
          ? this.#writeAll(node.body, node.kind === "with" ? value : dot)
          : this.#writeAll(node.otherwise, dot);
        this.#variables.length = known;
        return leave;
      }
    }
  }

  #repeat(node: Extract<Node, { kind: "range" }>, dot: Value): Leave {
    const value = this.#evaluatePipe(node.pipe, dot);
    const entries = toEntries(value);
    if (entries.length === 0) return this.#writeAll(node.otherwise, dot);
    const known = this.#variables.length;
    for (const [key, element] of entries) {
      if (node.key !== undefined) this.#variables.push([node.key, key]);
      if (node.element !== undefined) this.#variables.push([node.element, element]);
      const leave = this.#writeAll(node.body, element);
      this.#variables.length = known;
      if (leave === "break") break;
    }
    return undefined;
  }

  #evaluatePipe({ variable, declares, commands }: Pipe, dot: Value): Value {
    let value: Value | undefined;
    for (const command of commands) value = this.#evaluateCommand(command, dot, value);
    const result = value ?? null;
    if (variable !== undefined) {
      if (declares) this.#variables.push([variable, result]);
      else this.#findVariable(variable)[1] = result;
    }
    return result;
  }

  #evaluateCommand(command: Command, dot: Value, piped: Value | undefined): Value {
    if (++this.#steps > MAX_STEPS) throw new TemplateError(`exceeded limit of ${MAX_STEPS} steps`);
    if (command.kind === "value") return this.#evaluateOperand(command.operand, dot);
    const { name, args, at } = command;
    const called = FUNCTIONS.get(name);
    if (called === undefined) throw new TemplateError(`function "${name}" not defined`, at);
    const values: Value[] = [];
    for (const arg of args) {
      const value = this.#evaluateOperand(arg, dot);
      if (LAZY_FUNCTIONS.has(name) && isTrue(value) === (name === "or")) return value;
      values.push(value);
    }
    if (piped !== undefined) values.push(piped);
    try {
      return called.call(values, this.#environment);
    } catch (cause) {
      if (!(cause instanceof TemplateError) || cause.at >= 0) throw cause;
      throw new TemplateError(`error calling ${name}: ${cause.message}`, at);
    }
  }

  #evaluateOperand(operand: Operand, dot: Value): Value {
    if (operand.kind === "literal") return operand.value;
    if (operand.kind === "call") return this.#evaluateCommand(operand, dot, undefined);
    const { base, fields, at } = operand;
    let value = dot;
    if (base.kind === "variable") value = this.#findVariable(base.name)[1];
    else if (base.kind === "pipe") value = this.#evaluatePipe(base.pipe, dot);
    for (const field of fields) value = readField(value, field, at);
    return value;
  }

  #findVariable(name: string): [name: string, value: Value] {
    const found = this.#variables.findLast(([known]) => known === name);
    if (found === undefined) throw new TemplateError(`undefined variable "${name}"`);
    return found;
  }

  #append(text: string): void {
    if (this.#text.length + text.length > MAX_OUTPUT) {
      throw new TemplateError(`exceeded limit of ${MAX_OUTPUT} characters`);
    }
    this.#text += text;
  }
}

function toEntries(value: Value): readonly (readonly [Value, Value])[] {
  if (value instanceof Map) return [...value].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (Array.isArray(value)) return value.map((element, i) => [BigInt(i), element] as const);
  if (value === null) return [];
  throw new TemplateError(`range cannot iterate over a ${toTypeName(value)}`);
}
