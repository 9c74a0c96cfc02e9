import type { Annotation } from "../grafana/annotations.ts";
import type { Palette } from "../grafana/colours.ts";
import type { Panel } from "../grafana/dashboard.ts";
import type { Link } from "../grafana/dashboard-links.ts";
import type { LinkValues } from "../grafana/resolve-url.ts";
import type { ShownFrame } from "../grafana/resolve-fields.ts";
import type { TimeRange } from "../grafana/time-range.ts";
import type { Client } from "../prometheus/client.ts";

/** The input of every panel type. */
export interface PanelProps {
  readonly panel: Panel;
  readonly frames: readonly ShownFrame[];
  readonly range: TimeRange;
  readonly palette: Palette;
  /** Size of the panel, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Charts with the same key share their cursor. */
  readonly syncKey: string;
  /** True if charts with the same key show their tooltips together. */
  readonly sharesTooltip?: boolean;
  /** Times that charts mark. */
  readonly annotations?: readonly Annotation[];
  /** Returns the URL of a link of a value; undefined for one that could run code. */
  readonly resolveLink?: (link: Link, values: LinkValues) => string | undefined;
  readonly onZoom: (range: TimeRange) => void;
  readonly client: Client;
}
