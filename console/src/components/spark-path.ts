/** Returns an SVG path through the values from left to right, with 0 at the bottom and the maximum at the top. null breaks the line. */
export function toSparkPath(
  values: readonly (number | null)[],
  width: number,
  height: number,
): string {
  const max = Math.max(1e-9, ...values.map((value) => value ?? 0));
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = "M";
  let path = "";
  values.forEach((value, index) => {
    if (value === null) {
      pen = "M";
      return;
    }
    const y = height - 1.5 - (value / max) * (height - 3);
    path += `${pen}${round(index * step)} ${round(y)}`;
    pen = "L";
  });
  return path;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
