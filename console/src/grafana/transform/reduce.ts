import type { Field, Frame } from "../frames.ts";
import { asFlag, asText, asTexts } from "../json.ts";
import { toReducerLabel } from "../reducers.ts";
import {
  createField,
  nameField,
  reduceCells,
  toReducedType,
  withName,
  type Transform,
} from "./parts.ts";

/** Reduces each field to a value: as a table with a row for each field, or as frames of one row. */
export const reduce: Transform = (frames, options) => {
  const given = asTexts(options["reducers"]);
  const reducers = given.length === 0 ? ["max"] : given;
  const keepsTime = asFlag(options["includeTimeField"]);
  const isReduced = ({ type }: Field): boolean => keepsTime || type !== "time";
  return asText(options["mode"]) === "reduceFields"
    ? frames.map((frame) => reduceFrame(frame, reducers, isReduced))
    : toTable(frames, reducers, isReduced, asFlag(options["labelsToFields"]));
};

function reduceFrame(
  frame: Frame,
  reducers: readonly string[],
  isReduced: (field: Field) => boolean,
): Frame {
  const fields = frame.fields.filter(isReduced).flatMap((field) =>
    reducers.map((reducer): Field => {
      const values = [reduceCells(reducer, field.values)];
      const type = toReducedType(reducer, field);
      const kept = withName(frame, field);
      if (reducers.length === 1) return { ...kept, type, values };
      return createField(
        `${nameField(frame, field)} ${toReducerLabel(reducer)}`,
        type,
        values,
        field.labels,
      );
    }),
  );
  return { refId: frame.refId, name: "", fields };
}

function toTable(
  frames: readonly Frame[],
  reducers: readonly string[],
  isReduced: (field: Field) => boolean,
  hasLabels: boolean,
): readonly Frame[] {
  const rows = frames.flatMap((frame) =>
    frame.fields.filter(isReduced).map((field) => ({ field, name: nameField(frame, field) })),
  );
  if (rows.length === 0) return [];
  const labels = hasLabels
    ? [...new Set(rows.flatMap(({ field }) => Object.keys(field.labels)))]
    : [];
  const hasName = !hasLabels || labels.length === 0;
  const fields = [
    ...(hasName
      ? [
          createField(
            "Field",
            "string",
            rows.map(({ name }) => name),
          ),
        ]
      : []),
    ...labels.map((label) =>
      createField(
        label,
        "string",
        rows.map(({ field }) => field.labels[label] ?? null),
      ),
    ),
    ...reducers.map((reducer) =>
      createField(
        toReducerLabel(reducer),
        toReducedType(reducer, rows[0]!.field),
        rows.map(({ field }) => reduceCells(reducer, field.values)),
      ),
    ),
  ];
  return [{ refId: frames[0]!.refId, name: "", fields }];
}
