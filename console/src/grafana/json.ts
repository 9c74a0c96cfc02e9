/** Reads values of JSON whose shape is not known. */
export type Json = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asObjects(value: unknown): readonly Json[] {
  return asList(value).map(asObject);
}

export function asText(value: unknown, fallback = ""): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : fallback;
}

/** Returns undefined for anything but a finite number, also in a string. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

export function asFlag(value: unknown, fallback = false): boolean {
  return typeof value === "boolean" ? value : fallback;
}

export function asTexts(value: unknown): readonly string[] {
  return asList(value).map((item) => asText(item));
}
