import { TemplateError, type Command, type Node, type Operand, type Pipe } from "./ast.ts";
import { FUNCTIONS, LAZY_FUNCTIONS, type World } from "./functions.ts";
import { parseTemplate } from "./parser.ts";
import { print } from "./printf.ts";
import { isTrue, LabelMap, readField, Root, toTypeName, type Value } from "./values.ts";

/** What a template can speak of, besides what it asks for. */
export interface TemplateData {
  readonly labels: ReadonlyMap<string, string>;
  readonly externalLabels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** Text of a label or an annotation with places to fill in: a subset of Go's templates with Prometheus's functions. */
export interface Template {
  /** @throws TemplateError when it cannot be expanded with these data */
  expand(data: TemplateData, world: World): string;
}

/** Characters of one expanded text. */
const MAX_OUTPUT = 65_536;
/** Parts that are evaluated for one text: ranges within ranges end here. */
const MAX_STEPS = 100_000;

/** @throws TemplateError with the place of what is wrong, or not supported */
export function compileTemplate(text: string): Template {
  const nodes = parseTemplate(text);
  const [only] = nodes;
  if (nodes.length === 0) return { expand: () => "" };
  if (nodes.length === 1 && only?.kind === "text") return { expand: () => only.text };
  return { expand: (data, world) => new Expansion(data, world).run(nodes) };
}

type Leave = "break" | "continue" | undefined;

class Expansion {
  readonly #world: World;
  readonly #root: Root;
  readonly #variables: [name: string, value: Value][];
  #text = "";
  #steps = 0;

  constructor({ labels, externalLabels, value }: TemplateData, world: World) {
    this.#world = world;
    this.#root = new Root(
      new LabelMap(labels),
      new LabelMap(externalLabels),
      world.externalUrl,
      value,
    );
    this.#variables = [
      ["$", this.#root],
      ["$labels", this.#root.labels],
      ["$externalLabels", this.#root.externalLabels],
      ["$externalURL", world.externalUrl],
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
    if (++this.#steps > MAX_STEPS) throw new TemplateError(`more than ${MAX_STEPS} steps`);
    if (command.kind === "value") return this.#evaluateOperand(command.operand, dot);
    const { name, args, at } = command;
    const called = FUNCTIONS.get(name);
    if (called === undefined) throw new TemplateError(`the function "${name}" is not known`, at);
    const values: Value[] = [];
    for (const arg of args) {
      const value = this.#evaluateOperand(arg, dot);
      if (LAZY_FUNCTIONS.has(name) && isTrue(value) === (name === "or")) return value;
      values.push(value);
    }
    if (piped !== undefined) values.push(piped);
    try {
      return called.call(values, this.#world);
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
    if (found === undefined) throw new TemplateError(`the variable ${name} has no value here`);
    return found;
  }

  #append(text: string): void {
    if (this.#text.length + text.length > MAX_OUTPUT) {
      throw new TemplateError(`the text is longer than ${MAX_OUTPUT} characters`);
    }
    this.#text += text;
  }
}

function toEntries(value: Value): readonly (readonly [Value, Value])[] {
  if (value instanceof Map) return [...value].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (Array.isArray(value)) return value.map((element, i) => [BigInt(i), element] as const);
  if (value === null) return [];
  throw new TemplateError(`range cannot go over a ${toTypeName(value)}`);
}
