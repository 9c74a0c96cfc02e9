import { toMessage, type Problem } from "../../kernel/errors.ts";
import { unwrap } from "../../promql/syntax/ast.ts";
import { parse } from "../../promql/syntax/parser.ts";
import { print } from "../../promql/syntax/print.ts";
import { METRIC_NAME } from "../../series/series.ts";
import { TemplateError } from "../templates/ast.ts";
import { compileTemplate, type Template } from "../templates/template.ts";
import { FieldReader, isNull, type Fields } from "./field-reader.ts";
import { readYaml, type YamlValue } from "./read-yaml.ts";
import type { GroupDefinition, RuleDefinition } from "./rules.ts";

export interface ParsedRuleFile {
  /** Empty if there are problems. */
  readonly groups: readonly GroupDefinition[];
  readonly problems: readonly Problem[];
}

const GROUP_FIELDS = ["name", "interval", "query_offset", "limit", "labels", "rules"];
const RULE_FIELDS = ["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];
/** Fields that recording rules do not have. */
const ALERT_FIELDS = ["for", "keep_firing_for", "annotations"];
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Parses a rule file as strictly as Prometheus: unknown fields are errors. Problems that promtool reports too have its wording.
 *
 * @param file its name, for the location of problems
 */
export function parseRuleFile(file: string, content: string): ParsedRuleFile {
  const { root, problems } = readYaml(file, content);
  const parser = new RuleFileParser(new FieldReader(file, problems));
  const groups = root === undefined ? [] : parser.parseFile(root);
  return { groups: parser.problems.length > 0 ? [] : groups, problems: parser.problems };
}

class RuleFileParser {
  readonly #reader: FieldReader;

  constructor(reader: FieldReader) {
    this.#reader = reader;
  }

  get problems(): readonly Problem[] {
    return this.#reader.problems;
  }

  parseFile(root: YamlValue): readonly GroupDefinition[] {
    if (isNull(root)) return [];
    const fields = this.#reader.readFields(root, ["groups"]);
    const list = this.#reader.readList(fields, "groups");
    const names = new Set<string>();
    return list.map((item, i) => {
      this.#reader.rule = "";
      this.#reader.group = `group ${i + 1}`;
      return this.#parseGroup(item, names);
    });
  }

  /** @param names names of the groups before it */
  #parseGroup(item: YamlValue, names: Set<string>): GroupDefinition {
    const reader = this.#reader;
    const fields = reader.readFields(item, GROUP_FIELDS);
    const name = reader.readString(fields, "name") ?? "";
    if (name === "") reader.report(item.line, "", "Groupname must not be empty.");
    else {
      reader.group = `group "${name}"`;
      if (names.has(name)) {
        reader.report(item.line, "", `groupname: "${name}" is repeated in the same file.`);
      }
    }
    names.add(name);
    const labels = reader.readStrings(fields, "labels");
    this.#checkLabelNames(fields, labels);
    const intervalMs = reader.readDuration(fields, "interval");
    const group = {
      file: reader.file,
      name,
      intervalMs: intervalMs === 0 ? undefined : intervalMs,
      queryOffsetMs: reader.readDuration(fields, "query_offset") ?? 0,
      limit: reader.readCount(fields, "limit") ?? 0,
    };
    const rules = reader.readList(fields, "rules").map((rule, i) => {
      reader.rule = `rule ${i + 1}${findName(rule)}`;
      return this.#parseRule(rule, labels);
    });
    return { ...group, rules };
  }

  #parseRule(item: YamlValue, groupLabels: ReadonlyMap<string, string>): RuleDefinition {
    const reader = this.#reader;
    const fields = reader.readFields(item, RULE_FIELDS);
    const record = reader.readString(fields, "record") ?? "";
    const alert = reader.readString(fields, "alert") ?? "";
    const name = alert === "" ? record : alert;
    if (record !== "" && alert !== "") {
      reader.report(item.line, "", "Only one of 'record' and 'alert' must be set.");
    } else if (name === "") {
      reader.report(item.line, "", "One of 'record' or 'alert' must be set.");
    }
    const expr = reader.readString(fields, "expr") ?? "";
    const query = this.#parseExpression(fields, item.line, expr);
    const labels = reader.readStrings(fields, "labels");
    this.#checkLabelNames(fields, labels);
    const common = { name, expr, query, labels: new Map([...groupLabels, ...labels]) };
    const alertFields = {
      annotations: reader.readStrings(fields, "annotations"),
      forMs: reader.readDuration(fields, "for") ?? 0,
      keepFiringForMs: reader.readDuration(fields, "keep_firing_for") ?? 0,
    };
    if (alert === "") {
      if (record !== "") this.#checkRecording(fields, item.line, record);
      return { type: "recording", ...common };
    }
    this.#checkAnnotationNames(fields, alertFields.annotations);
    return {
      type: "alerting",
      ...common,
      ...alertFields,
      labelTemplates: this.#compileAll(fields, item.line, "labels", common.labels),
      annotationTemplates: this.#compileAll(
        fields,
        item.line,
        "annotations",
        alertFields.annotations,
      ),
    };
  }

  #checkRecording(fields: Fields, line: number, record: string): void {
    for (const name of ALERT_FIELDS) {
      const field = fields.get(name);
      if (field !== undefined && !isNull(field.value)) {
        this.#reader.report(field.line, "", `Invalid field '${name}' in recording rule.`);
      }
    }
    if (!METRIC.test(record)) {
      this.#reader.report(line, "", `Invalid recording rule name: ${record}.`);
    }
  }

  /** @returns the expression in Prometheus's format; empty if it has a problem */
  #parseExpression(fields: Fields, ruleLine: number, expr: string): string {
    const line = fields.get("expr")?.line ?? ruleLine;
    if (expr.trim() === "") {
      this.#reader.report(line, "", "Field 'expr' must be set in rule.");
      return "";
    }
    try {
      const parsed = parse(expr);
      const { kind } = unwrap(parsed);
      if (kind === "string" || kind === "range selector" || kind === "subquery") {
        this.#reader.report(line, "expr", `Expected an instant vector or a scalar, got a ${kind}.`);
      }
      return print(parsed);
    } catch (error) {
      this.#reader.report(line, "expr", `Could not parse expression: ${toMessage(error)}`);
      return "";
    }
  }

  #compileAll(
    fields: Fields,
    ruleLine: number,
    field: "labels" | "annotations",
    sources: ReadonlyMap<string, string>,
  ): ReadonlyMap<string, Template> {
    const templates = new Map<string, Template>();
    for (const [name, source] of sources) {
      try {
        templates.set(name, compileTemplate(source));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        this.#reader.report(
          fields.get(field)?.line ?? ruleLine,
          `${field} ${name}, template ${formatPosition(source, error.at)}`,
          `Could not parse template: ${error.message}`,
        );
      }
    }
    return templates;
  }

  #checkLabelNames(fields: Fields, labels: ReadonlyMap<string, string>): void {
    const line = fields.get("labels")?.line ?? 0;
    for (const name of labels.keys()) {
      if (LABEL_NAME.test(name) && name !== METRIC_NAME) continue;
      const advice = name === METRIC_NAME ? " Set the metric name with 'record'." : "";
      this.#reader.report(line, "labels", `Invalid label name: ${name}.${advice}`);
    }
  }

  #checkAnnotationNames(fields: Fields, annotations: ReadonlyMap<string, string>): void {
    const line = fields.get("annotations")?.line ?? 0;
    for (const name of annotations.keys()) {
      if (!LABEL_NAME.test(name)) {
        this.#reader.report(line, "annotations", `Invalid annotation name: ${name}.`);
      }
    }
  }
}

/** Finds the name of a rule for locations: ` "HighLatency"`. */
function findName(item: YamlValue): string {
  const entries = item.kind === "map" ? item.entries : [];
  const named =
    entries.find(({ key }) => key === "alert") ?? entries.find(({ key }) => key === "record");
  return named?.value.kind === "string" ? ` "${named.value.value}"` : "";
}

/** Formats an offset in a template as `line:column`, both 1-based. */
function formatPosition(source: string, offset: number): string {
  const before = source.slice(0, Math.max(offset, 0));
  return `${before.split("\n").length}:${before.length - before.lastIndexOf("\n")}`;
}
