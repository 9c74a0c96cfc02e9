/** Any UTF-8 text but the empty one, as since Prometheus 3; U+FFFD stands for bytes that are none. */
export function isLabelName(name: string): boolean {
  return name !== "" && !name.includes("\ufffd");
}
