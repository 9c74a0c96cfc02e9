import { toSparkPath } from "./spark-path.ts";

/** The shape of the last values, without scale: the figure beside it says how much. */
export function Spark({ values }: { readonly values: readonly (number | null)[] }) {
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <path d={toSparkPath(values, 100, 24)} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
