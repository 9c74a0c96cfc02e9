import { asFlag, asNumber, asObjects, asText } from "../json.ts";
import { compareCells, countRows, findField, pickRows, type Transform } from "./parts.ts";

/** Sorts the rows of each frame by a field. */
export const sortBy: Transform = (frames, options) => {
  const [sort] = asObjects(options["sort"]);
  const column = asText(sort?.["field"]);
  const sign = asFlag(sort?.["desc"]) ? -1 : 1;
  return frames.map((frame) => {
    const key = findField(frame, column);
    if (key === undefined) return frame;
    const rows = [...key.values.keys()].toSorted(
      (a, b) => sign * compareCells(key.values[a] ?? null, key.values[b] ?? null),
    );
    return pickRows(frame, rows);
  });
};

/** Keeps the first rows of each frame. */
export const limit: Transform = (frames, options) => {
  const most = Math.max(0, asNumber(options["limitField"]) ?? 10);
  return frames.map((frame) =>
    pickRows(
      frame,
      Array.from({ length: Math.min(countRows(frame), most) }, (_each, row) => row),
    ),
  );
};
