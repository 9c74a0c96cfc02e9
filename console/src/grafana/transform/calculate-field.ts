import type { CellValue } from "../display.ts";
import type { Field, Frame } from "../frames.ts";
import { asFlag, asNumber, asObject, asText, asTexts, type Json } from "../json.ts";
import { reduceValues, toReducerLabel } from "../reducers.ts";
import { joinByTime } from "./join.ts";
import { countRows, createField, findField, nameField, type Transform } from "./parts.ts";

type Cells = readonly CellValue[];

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "**": (a, b) => a ** b,
};

const UNARY: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  exp: Math.exp,
  ln: Math.log,
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
};

/** Adds a field that is calculated from others, row by row. Series are joined by time first. */
export const calculateField: Transform = (frames, options) => {
  const hasTime = frames.every(({ fields }) => fields.some(({ type }) => type === "time"));
  const isJoined = frames.length > 1 && hasTime && options["timeSeries"] !== false;
  return (isJoined ? joinByTime(frames) : frames).map((frame) => {
    const result = calculate(frame, options);
    if (result === undefined) return frame;
    const field = createField(asText(options["alias"]) || result.name, "number", result.values);
    const times = frame.fields.filter(({ type }) => type === "time").slice(0, 1);
    const kept = asFlag(options["replaceFields"]) ? times : frame.fields;
    return { ...frame, fields: [...kept, field] };
  });
};

interface Result {
  readonly name: string;
  readonly values: Cells;
}

function calculate(frame: Frame, options: Json): Result | undefined {
  switch (asText(options["mode"], "reduceRow")) {
    case "reduceRow":
      return reduceRows(frame, asObject(options["reduce"]));
    case "binary":
      return calculateBinary(frame, asObject(options["binary"]));
    case "unary":
      return calculateUnary(frame, asObject(options["unary"]));
    case "cumulativeFunctions":
      return accumulate(frame, asObject(options["cumulative"]));
    case "windowFunctions":
      return slide(frame, asObject(options["window"]));
    case "index":
      return {
        name: "Row",
        values: Array.from({ length: countRows(frame) }, (_each, row) =>
          asFlag(asObject(options["index"])["asPercentile"]) ? row / countRows(frame) : row,
        ),
      };
    default:
      return undefined;
  }
}

function reduceRows(frame: Frame, { include, reducer }: Json): Result | undefined {
  const names = asTexts(include);
  const fields = frame.fields.filter(
    (field) =>
      field.type === "number" && (names.length === 0 || names.includes(nameField(frame, field))),
  );
  if (fields.length === 0) return undefined;
  const name = asText(reducer, "sum");
  const values = Array.from({ length: countRows(frame) }, (_each, row) =>
    reduceValues(
      name,
      fields.map(({ values: cells }) => toNumber(cells[row] ?? null)),
    ),
  );
  return { name: toReducerLabel(name), values };
}

function calculateBinary(frame: Frame, { left, right, operator }: Json): Result | undefined {
  const sign = asText(operator, "+");
  const apply = BINARY[sign];
  const [a, b] = [toOperand(frame, left), toOperand(frame, right)];
  if (apply === undefined || a === undefined || b === undefined) return undefined;
  const values = Array.from({ length: countRows(frame) }, (_each, row) => {
    const [x, y] = [a.at(row), b.at(row)];
    return x === null || y === null ? null : apply(x, y);
  });
  return { name: `${a.name} ${sign} ${b.name}`, values };
}

interface Operand {
  readonly name: string;
  readonly at: (row: number) => number | null;
}

/** Returns a field, or a constant where there is no field of that name. */
function toOperand(frame: Frame, value: unknown): Operand | undefined {
  const { fixed, matcher } = asObject(value);
  const name =
    typeof value === "object"
      ? asText(fixed) || asText(asObject(matcher)["options"])
      : asText(value);
  const field = findField(frame, name);
  if (field !== undefined) return { name, at: (row) => toNumber(field.values[row] ?? null) };
  const constant = asNumber(name);
  return constant === undefined ? undefined : { name, at: () => constant };
}

function calculateUnary(frame: Frame, { fieldName, operator }: Json): Result | undefined {
  const field = findField(frame, asText(fieldName));
  const apply = UNARY[asText(operator, "abs")];
  if (field === undefined || apply === undefined) return undefined;
  return {
    name: `${asText(operator, "abs")}(${nameField(frame, field)})`,
    values: mapNumbers(field, apply),
  };
}

function accumulate(frame: Frame, { field: fieldName, reducer }: Json): Result | undefined {
  const field = findField(frame, asText(fieldName));
  if (field === undefined) return undefined;
  const isMean = asText(reducer, "sum") === "mean";
  let [total, count] = [0, 0];
  const values = mapNumbers(field, (value) => {
    total += value;
    count++;
    return isMean ? total / count : total;
  });
  return { name: `cumulative ${isMean ? "mean" : "sum"}(${nameField(frame, field)})`, values };
}

/** Reduces the values around each row, or up to it. */
function slide(frame: Frame, options: Json): Result | undefined {
  const field = findField(frame, asText(options["field"]));
  if (field === undefined) return undefined;
  const count = field.values.length;
  const given = asNumber(options["windowSize"]) ?? 0.1;
  const size = Math.max(
    1,
    options["windowSizeMode"] === "fixed" ? Math.round(given) : Math.ceil(given * count),
  );
  const before = options["windowAlignment"] === "centered" ? Math.floor(size / 2) : size - 1;
  const reducer = asText(options["reducer"], "mean");
  const samples = field.values.map(toNumber);
  return {
    name: `moving ${reducer}(${nameField(frame, field)})`,
    values: samples.map((_value, row) =>
      reduceValues(reducer, samples.slice(Math.max(0, row - before), row - before + size)),
    ),
  };
}

function mapNumbers({ values }: Field, apply: (value: number) => number): Cells {
  return values.map((value) => (typeof value === "number" ? apply(value) : null));
}

function toNumber(value: CellValue): number | null {
  return typeof value === "number" ? value : null;
}
