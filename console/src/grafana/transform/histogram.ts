import type { Field, Frame } from "../frames.ts";
import { asFlag, asNumber } from "../json.ts";
import { createField, nameField, type Transform } from "./parts.ts";

/** Buckets of a histogram without a size or a number of them. */
const BUCKETS = 30;
const MOST_BUCKETS = 1_000;

/** Sizes of buckets that read well: 1, 2, 2.5 and 5 times the powers of ten. */
const SIZES = Array.from({ length: 37 }, (_each, index) => 10 ** (index - 18)).flatMap((power) => [
  power,
  2 * power,
  2.5 * power,
  5 * power,
]);

/** Counts the values of each field in buckets of one size. Returns one frame: xMin, xMax and the counts. */
export const histogram: Transform = (frames, options) => {
  const fields = frames.flatMap((frame) =>
    frame.fields
      .filter(({ type }) => type === "number")
      .map((field) => ({ field, name: nameField(frame, field), values: listFinite(field) })),
  );
  const all = fields.flatMap(({ values }) => values);
  const [first] = frames;
  if (first === undefined || all.length === 0) return [];
  const [low, high] = all.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const size = findSize(high - low, options);
  const offset = asNumber(options["bucketOffset"]) ?? 0;
  const toBucket = (value: number): number => Math.floor((value - offset) / size);
  const from = toBucket(low);
  const count = Math.min(toBucket(high) - from + 1, MOST_BUCKETS);
  const edges = (shift: number): readonly number[] =>
    Array.from({ length: count }, (_each, index) =>
      Number(((from + index + shift) * size + offset).toPrecision(12)),
    );
  const counted = asFlag(options["combine"])
    ? [{ name: "count", values: all, field: undefined }]
    : fields;
  const columns = counted.map(({ name, values, field }) => {
    const counts = edges(0).map(() => 0);
    for (const value of values) counts[Math.min(toBucket(value) - from, count - 1)]! += 1;
    return createField(name, "number", counts, field?.labels);
  });
  return [
    {
      refId: first.refId,
      name: "",
      fields: [
        createField("xMin", "number", edges(0)),
        createField("xMax", "number", edges(1)),
        ...columns,
      ],
    },
  ] satisfies readonly Frame[];
};

function listFinite({ values }: Field): readonly number[] {
  return values.filter((value) => typeof value === "number" && Number.isFinite(value)) as number[];
}

/** Returns the size of a bucket: as given, or the next that reads well for the number of buckets. */
function findSize(span: number, options: Parameters<Transform>[1]): number {
  const given = asNumber(options["bucketSize"]);
  const wanted = span / (asNumber(options["bucketCount"]) || BUCKETS);
  const size =
    given !== undefined && given > 0
      ? given
      : (SIZES.find((each) => each >= wanted * 0.999_999) ?? 1);
  // All values are the same: a bucket around them.
  return span === 0 && given === undefined ? 1 : Math.max(size, span / MOST_BUCKETS);
}
