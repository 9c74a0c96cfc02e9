/** A page of the course in the order of its parts, rendered when the console is built. */
export interface CourseText {
  readonly title: string;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly type: "html"; readonly html: string }
  /** An item of a numbered list that the console can check. */
  | {
      readonly type: "step";
      readonly id: string;
      readonly number: number;
      readonly html: string;
    };

/** A page of the course without its text. */
export interface PageSummary {
  /** Path below docs/tutorial without its end: `hands-on/01-predict`. */
  readonly path: string;
  readonly title: string;
  /** Paragraph below the heading "Aim", as text; empty for a page without it. */
  readonly aim: string;
  /** Words to read, without code blocks. */
  readonly words: number;
  /** Ids of its steps, in their order. */
  readonly steps: readonly string[];
}

/** Stands for the URL of an image in rendered HTML until the page is loaded. */
export const toImagePlaceholder = (index: number): string => `%IMAGE_${index}%`;

/** The server's root in the text, which stands for the server that the console belongs to. */
export const ROOT_IN_TEXT = "http://127.0.0.1:8000";
