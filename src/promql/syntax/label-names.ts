/** Any non-empty UTF-8 string, as in Prometheus 3; U+FFFD stands for invalid bytes. */
export function isLabelName(name: string): boolean {
  return name !== "" && !name.includes("\ufffd");
}
