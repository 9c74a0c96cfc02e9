/** The contents of panels, as `scripts/look/page/readings.js` reads them. Strings have no spaces, colors are hex numbers. */
import type { Page } from "playwright-core";

export interface Reading {
  /** The ID of the panel. */
  readonly id: string;
  /** The whole text. */
  readonly text: string;
  readonly axes?: {
    readonly times: readonly string[];
    /** From bottom to top. */
    readonly left: readonly string[];
    readonly right: readonly string[];
    /** Colors of lines, points, bars and areas. */
    readonly colors: readonly string[];
  };
  readonly legend: readonly {
    readonly name: string;
    readonly color: string;
    readonly statistics: readonly string[];
  }[];
  /** Large numbers, gauges and bars. */
  readonly items: readonly { readonly text: string; readonly colors: readonly string[] }[];
  readonly rows: readonly (readonly string[])[];
}

export async function readPanels(page: Page): Promise<readonly Reading[]> {
  return page.evaluate<Reading[]>("window.readPanels()");
}
