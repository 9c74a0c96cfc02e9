/** A question that a PromQL query answers. */
export interface Exercise {
  /** As in URLs. */
  readonly id: string;
  readonly number: number;
  readonly title: string;
  /** HTML. */
  readonly question: string;
  readonly expected: string;
  /** HTML with the expected query, and why. */
  readonly answer: string;
}
