/** An exception to a rule, and why it is one. */
export interface Allowed {
  /** Files that it holds for: a path from the project's root or the start of one. */
  readonly files: string;
  /** The text, as a regular expression without regard to case, that holds the banned word. */
  readonly text: string;
  readonly reason: string;
}

export const ALLOWED: readonly Allowed[] = [
  { files: "scripts/language/rules.ts", text: "[^]*", reason: "The list of banned words itself" },
  { files: "scripts/language/allowed.ts", text: "[^]*", reason: "This list" },
  {
    files: "CONTRIBUTING.md",
    text: "\\| [^|]+ \\| [^|]+ \\|",
    reason: "The word list shows what not to write",
  },
  { files: "test/project/language.test.ts", text: "[^]*", reason: "Plants the banned words" },
  {
    files: "test/faults/",
    text: "faults?",
    reason: "Faults injected on purpose, as in fault injection",
  },
  {
    files: "src/model/onnx/",
    text: "packed",
    reason: "A packed field is one of protobuf's encodings of repeated numbers",
  },
  {
    files: "test/promql/mutations.ts",
    text: "\\btexts\\b|\\bwanted\\b|Math\\.floor",
    reason: "Quotes lines of the source",
  },
  {
    files: "test/support/load.ts",
    text: "this\\.address\\(\\)",
    reason: "Source of a child process: the method of net.Server",
  },
  { files: "scripts/stand-in", text: "\\bnobody\\b", reason: "The operating system's user" },
  {
    files: "",
    text: "mailing address|street address|address (?:space|family)|EADDR\\w+",
    reason: "Fixed terms",
  },
];
