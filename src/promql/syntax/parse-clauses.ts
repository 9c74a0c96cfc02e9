import type { Matching } from "./ast.ts";
import type { TokenCursor } from "./token-cursor.ts";

const NO_MATCHING: Matching = { on: false, labels: [], group: "none", include: [] };

/** Parses `on` or `ignoring` after a binary operator, with `group_left` or `group_right`. */
export function parseMatching(cursor: TokenCursor): Matching {
  const on = cursor.isKeyword("on");
  if (!on && !cursor.isKeyword("ignoring")) return rejectFill(cursor, NO_MATCHING);
  cursor.take();
  const labels = parseLabels(cursor);
  for (const group of ["left", "right"] as const) {
    if (!cursor.takeKeyword(`group_${group}`)) continue;
    const include = cursor.isSymbol("(") ? parseLabels(cursor) : [];
    const repeated = on ? include.find((label) => labels.includes(label)) : undefined;
    if (repeated !== undefined) {
      throw cursor.error(
        `label ${JSON.stringify(repeated)} must not occur in ON and GROUP clause at once`,
      );
    }
    return rejectFill(cursor, { on, labels, group, include });
  }
  return rejectFill(cursor, { on, labels, group: "none", include: [] });
}

function rejectFill(cursor: TokenCursor, matching: Matching): Matching {
  const { token, following } = cursor;
  const fills = token.kind === "word" && /^fill(_left|_right)?$/i.test(token.text);
  if (fills && following.kind === "symbol" && following.text === "(") {
    throw cursor.error(
      `the modifier ${token.text} is experimental in Prometheus and not supported`,
    );
  }
  return matching;
}

/** Parses `(job, "label with spaces")`; a trailing comma is allowed. */
function parseLabels(cursor: TokenCursor): string[] {
  cursor.expectSymbol("(", "grouping opts");
  const labels: string[] = [];
  while (!cursor.isSymbol(")")) {
    const { token } = cursor;
    const isLabel = token.kind === "string" || (token.kind === "word" && !token.text.includes(":"));
    if (!isLabel) throw cursor.unexpected("grouping opts", "label");
    labels.push(token.kind === "string" ? token.value : token.text);
    cursor.take();
    if (!cursor.takeSymbol(",")) break;
  }
  cursor.expectSymbol(")", "grouping opts");
  return labels;
}

/** Parses `by` or `without` before or after the arguments of an aggregation; undefined without one. */
export function parseGrouping(
  cursor: TokenCursor,
): { labels: readonly string[]; without: boolean } | undefined {
  const without = cursor.isKeyword("without");
  if (!without && !cursor.isKeyword("by")) return undefined;
  cursor.take();
  return { labels: parseLabels(cursor), without };
}
