import { toSparkPath } from "./spark-path.ts";

/** A sparkline of the last values, without a scale. */
export function Spark({ values }: { readonly values: readonly (number | null)[] }) {
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <path d={toSparkPath(values, 100, 24)} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
