import type { ApiError } from "../../lib/api.ts";

/** Problems by field of the form, and those of no field. */
export interface FieldProblems {
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly others: readonly string[];
}

/** Sorts the problems of a reply by field: the JSON pointer `/profile/users` belongs to the field `users`. */
export function sortProblems(error: ApiError | string): FieldProblems {
  if (typeof error === "string") return { fields: {}, others: [error] };
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { at, message } of error.problems) {
    const name = toFieldName(at);
    if (name === "") others.push(message);
    else fields[name] = fields[name] === undefined ? message : `${fields[name]} ${message}`;
  }
  if (error.problems.length === 0) others.push(error.message);
  return { fields, others };
}

/** Returns the field of a location: `/profile/users` and `profile.users` → `users`; `/thresholds/0` → `thresholds`; `/profile` alone → `kind`. */
export function toFieldName(at: string): string {
  const parts = at.split(/[/.[\]]+/).filter((part) => part !== "" && !/^\d+$/.test(part));
  if (parts[0] !== "profile") return parts[0] ?? "";
  return parts[1] ?? "kind";
}
