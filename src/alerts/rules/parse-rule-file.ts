import { toMessage, type Problem } from "../../kernel/errors.ts";
import { unwrap } from "../../promql/syntax/ast.ts";
import { parse } from "../../promql/syntax/parser.ts";
import { print } from "../../promql/syntax/print.ts";
import { METRIC_NAME } from "../../series/series.ts";
import { parseDuration } from "../duration.ts";
import { readYaml, type YamlEntry, type YamlValue } from "./read-yaml.ts";
import type { GroupDefinition, RuleDefinition } from "./rules.ts";
import { TemplateError } from "../templates/ast.ts";
import { compileTemplate, type Template } from "../templates/template.ts";

/** What a rule file gives: its groups when nothing is wrong with it, and all that is wrong. */
export interface ParsedRuleFile {
  readonly groups: readonly GroupDefinition[];
  readonly problems: readonly Problem[];
}

const GROUP_FIELDS = ["name", "interval", "query_offset", "limit", "labels", "rules"];
const RULE_FIELDS = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Reads a rule file as Prometheus does, and as strictly: a field that is not known is an error.
 *
 * @param file its name, for places
 */
export function parseRuleFile(file: string, text: string): ParsedRuleFile {
  const { root, problems } = readYaml(file, text);
  const parser = new RuleFileParser(file, [...problems]);
  const groups = root === undefined ? [] : parser.parseFile(root);
  return { groups: parser.problems.length > 0 ? [] : groups, problems: parser.problems };
}

type Fields = ReadonlyMap<string, YamlEntry>;

class RuleFileParser {
  readonly problems: Problem[];
  readonly #file: string;
  /** Group and rule that are being read, as a place names them. */
  #group = "";
  #rule = "";

  constructor(file: string, problems: Problem[]) {
    this.#file = file;
    this.problems = problems;
  }

  parseFile(root: YamlValue): readonly GroupDefinition[] {
    if (root.kind === "nothing") return [];
    const fields = this.#readFields(root, ["groups"], "a rule file");
    const list = this.#readList(fields, "groups");
    const names = new Set<string>();
    return list.map((item, i) => {
      this.#rule = "";
      this.#group = `, group ${i + 1}`;
      return this.#parseGroup(item, names);
    });
  }

  #parseGroup(item: YamlValue, names: Set<string>): GroupDefinition {
    const fields = this.#readFields(item, GROUP_FIELDS, "a group");
    const name = this.#readText(fields, "name") ?? "";
    if (name === "") this.#report(item.line, "a group needs a name");
    else this.#group = `, group "${name}"`;
    if (name !== "" && names.has(name))
      this.#report(item.line, `another group is called "${name}"`);
    names.add(name);
    const labels = this.#readTexts(fields, "labels");
    this.#checkLabelNames(fields, labels);
    const intervalMs = this.#readDuration(fields, "interval");
    const group = {
      file: this.#file,
      name,
      intervalMs: intervalMs === 0 ? undefined : intervalMs,
      queryOffsetMs: this.#readDuration(fields, "query_offset") ?? 0,
      limit: this.#readLimit(fields),
    };
    const rules = this.#readList(fields, "rules").flatMap((rule, i) => {
      this.#rule = `, rule ${i + 1}`;
      return this.#parseRule(rule, labels) ?? [];
    });
    return { ...group, rules };
  }

  #parseRule(
    item: YamlValue,
    groupLabels: ReadonlyMap<string, string>,
  ): RuleDefinition | undefined {
    this.#rule += findName(item);
    const fields = this.#readFields(item, RULE_FIELDS, "a rule");
    const record = this.#readText(fields, "record") ?? "";
    const alert = this.#readText(fields, "alert") ?? "";
    const name = alert === "" ? record : alert;
    if (record !== "" && alert !== "") {
      this.#report(item.line, 'a rule has either "record" or "alert", not both');
    } else if (name === "") this.#report(item.line, 'a rule needs "record" or "alert"');
    const expr = this.#readText(fields, "expr") ?? "";
    const query = this.#parseExpression(fields, item.line, expr);
    const labels = this.#readTexts(fields, "labels");
    this.#checkLabelNames(fields, labels);
    const annotations = this.#readTexts(fields, "annotations");
    const forMs = this.#readDuration(fields, "for") ?? 0;
    const keepFiringForMs = this.#readDuration(fields, "keep_firing_for") ?? 0;
    const common = { name, expr, query, labels: new Map([...groupLabels, ...labels]) };
    if (alert === "") {
      for (const field of ["for", "keep_firing_for", "annotations"]) {
        const written = fields.get(field);
        if (record !== "" && written !== undefined && !isNothing(written.value)) {
          this.#report(written.line, `a recording rule has no "${field}"`);
        }
      }
      if (record !== "" && !METRIC.test(record)) {
        this.#report(item.line, `"${record}" is no name of a metric`);
      }
      return { type: "recording", ...common };
    }
    for (const annotation of annotations.keys()) {
      if (!LABEL_NAME.test(annotation)) {
        this.#report(
          fields.get("annotations")?.line ?? item.line,
          `"${annotation}" is no name of an annotation`,
        );
      }
    }
    return {
      type: "alerting",
      ...common,
      forMs,
      keepFiringForMs,
      annotations,
      labelTemplates: this.#compileAll(fields, item.line, "labels", common.labels),
      annotationTemplates: this.#compileAll(fields, item.line, "annotations", annotations),
    };
  }

  #parseExpression(fields: Fields, line: number, expr: string): string {
    const field = fields.get("expr");
    if (expr.trim() === "") {
      this.#report(field?.line ?? line, 'a rule needs an expression: "expr"');
      return "";
    }
    try {
      const parsed = parse(expr);
      const { kind } = unwrap(parsed);
      if (kind === "string" || kind === "range selector" || kind === "subquery") {
        this.#report(
          field?.line ?? line,
          `the expression gives a ${kind}, and a rule needs numbers`,
        );
      }
      return print(parsed);
    } catch (error) {
      this.#report(field?.line ?? line, `the expression is not PromQL: ${toMessage(error)}`);
      return "";
    }
  }

  #compileAll(
    fields: Fields,
    line: number,
    field: "labels" | "annotations",
    texts: ReadonlyMap<string, string>,
  ): ReadonlyMap<string, Template> {
    const templates = new Map<string, Template>();
    for (const [name, text] of texts) {
      try {
        templates.set(name, compileTemplate(text));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        const place = `${field} ${name}, template ${toPlace(text, error.at)}`;
        this.#report(fields.get(field)?.line ?? line, error.message, `, ${place}`);
      }
    }
    return templates;
  }

  #checkLabelNames(fields: Fields, labels: ReadonlyMap<string, string>): void {
    const line = fields.get("labels")?.line ?? 0;
    for (const name of labels.keys()) {
      if (!LABEL_NAME.test(name)) this.#report(line, `"${name}" is no name of a label`);
      else if (name === METRIC_NAME)
        this.#report(line, `a metric's name is no label: use "record"`);
    }
  }

  #readFields(value: YamlValue, known: readonly string[], what: string): Fields {
    if (value.kind !== "map") {
      this.#report(value.line, `${what} has fields: ${known.join(", ")}`);
      return new Map();
    }
    for (const { key, line } of value.entries) {
      if (!known.includes(key)) {
        this.#report(line, `${what} has no field "${key}"; there are ${known.join(", ")}`);
      }
    }
    return new Map(value.entries.map((entry) => [entry.key, entry]));
  }

  #readList(fields: Fields, name: string): readonly YamlValue[] {
    const field = fields.get(name);
    if (field === undefined || isNothing(field.value)) return [];
    if (field.value.kind === "list") return field.value.items;
    this.#report(field.line, `"${name}" is a list`);
    return [];
  }

  #readText(fields: Fields, name: string): string | undefined {
    const field = fields.get(name);
    if (field === undefined || isNothing(field.value)) return undefined;
    if (field.value.kind === "text") return field.value.text;
    this.#report(field.line, `"${name}" is a text`);
    return undefined;
  }

  #readTexts(fields: Fields, name: string): ReadonlyMap<string, string> {
    const field = fields.get(name);
    if (field === undefined || isNothing(field.value)) return new Map();
    if (field.value.kind !== "map") {
      this.#report(field.line, `"${name}" is a map of texts`);
      return new Map();
    }
    const texts = new Map<string, string>();
    for (const { key, line, value } of field.value.entries) {
      if (value.kind === "text") texts.set(key, value.text);
      else if (isNothing(value)) texts.set(key, "");
      else this.#report(line, `"${name}" is a map of texts, and "${key}" is none`);
    }
    return texts;
  }

  #readDuration(fields: Fields, name: string): number | undefined {
    const text = this.#readText(fields, name);
    if (text === undefined) return undefined;
    const duration = parseDuration(text);
    if (duration === undefined) {
      this.#report(
        fields.get(name)?.line ?? 0,
        `"${name}" is "${text}", which is no duration such as 30s or 1h30m`,
      );
    }
    return duration;
  }

  #readLimit(fields: Fields): number {
    const text = this.#readText(fields, "limit") ?? "0";
    const limit = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(limit)) return limit;
    this.#report(fields.get("limit")?.line ?? 0, `"limit" is "${text}", which is no whole number`);
    return 0;
  }

  #report(line: number, message: string, place = ""): void {
    const at = `${this.#file}${this.#group}${this.#rule}${place}, line ${line}`;
    this.problems.push({ at, message });
  }
}

/** The rule's name, as a place has it. */
function findName(item: YamlValue): string {
  const entries = item.kind === "map" ? item.entries : [];
  const named =
    entries.find(({ key }) => key === "alert") ?? entries.find(({ key }) => key === "record");
  return named?.value.kind === "text" ? ` "${named.value.text}"` : "";
}

const isNothing = (value: YamlValue): boolean => value.kind === "nothing";

/** `line:column` in a template, both from 1. */
function toPlace(text: string, at: number): string {
  const before = text.slice(0, Math.max(at, 0));
  return `${before.split("\n").length}:${before.length - before.lastIndexOf("\n")}`;
}
