import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";

/** Time after the last input before an expression is checked. */
const PAUSE_MS = 350;

/**
 * Checks an expression with the parser of the server while it is written, by `format_query`, which changes nothing. Expressions with
 * variables such as `$__rate_interval` are not checked: the server does not know them.
 *
 * @returns the error; undefined for a valid expression, and while it is not known
 */
export function useCheck(expression: string, client: Client): string | undefined {
  const [checked, setChecked] = useState<{ readonly of: string; readonly problem: string }>();
  useEffect(() => {
    if (expression.trim() === "" || expression.includes("$__")) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      client.data("format_query", { query: expression }, controller.signal).then(
        () => setChecked(undefined),
        (error: unknown) => {
          // Without a reply nothing is known about the expression.
          if (error instanceof ApiError && error.status === 400) {
            setChecked({ of: expression, problem: error.message });
          }
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [expression, client]);
  return checked?.of === expression ? checked.problem : undefined;
}
