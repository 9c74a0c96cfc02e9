/**
 * Returns the position after a key: the arrows move by one and start at the first or the last of `count` values, Home and End go there,
 * and Escape leaves (undefined). Other keys change nothing.
 */
export function moveStep(
  key: string,
  current: number | undefined,
  count: number,
): number | undefined | "unchanged" {
  const last = count - 1;
  if (last < 0) return "unchanged";
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return current === undefined ? 0 : Math.min(current + 1, last);
    case "ArrowLeft":
    case "ArrowUp":
      return current === undefined ? last : Math.max(current - 1, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    case "Escape":
      return undefined;
    default:
      return "unchanged";
  }
}
