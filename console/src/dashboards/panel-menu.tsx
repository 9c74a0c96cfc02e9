import { Dropdown } from "../components/dropdown.tsx";
import { MoreIcon } from "../components/icons.tsx";
import type { Link } from "../grafana/dashboard-links.ts";
import { resolveUrl, type LinkContext } from "../grafana/resolve-url.ts";
import { interpolate } from "../grafana/variables.ts";
import type { PanelCommand } from "./panel-commands.ts";

interface Props {
  readonly title: string;
  readonly isFull: boolean;
  readonly isTable: boolean;
  /** False for a panel that is a table, or that has no values. */
  readonly hasTable: boolean;
  /** URL of Explore with the queries; undefined without queries. */
  readonly explore: string | undefined;
  readonly links: readonly Link[];
  readonly linkContext: LinkContext | undefined;
  readonly onCommand: (command: PanelCommand) => void;
  /** Undefined while there are no data. */
  readonly onCsv: (() => void) | undefined;
  readonly onPicture: () => void;
}

/** The commands of a panel, its downloads and links. */
export function PanelMenu(props: Props) {
  const { title, isFull, isTable, hasTable, explore, links, linkContext, onCommand } = props;
  const { onCsv, onPicture } = props;
  const resolved = links.flatMap((link) => {
    const href = linkContext === undefined ? undefined : resolveUrl(link, linkContext);
    return href === undefined ? [] : [{ link, href }];
  });
  return (
    <Dropdown align="end" compact name={`Menu of ${title}`} label={<MoreIcon />}>
      {(close) => {
        const item = (label: string, act: () => void, key?: string) => (
          <button
            type="button"
            class="option"
            onClick={() => {
              close();
              act();
            }}
          >
            <span>{label}</span>
            {key !== undefined && <kbd aria-hidden="true">{key}</kbd>}
          </button>
        );
        return (
          <div class="menu">
            {item(isFull ? "Back to the dashboard" : "View", () => onCommand("view"), "v")}
            {hasTable &&
              item(isTable ? "Show as a chart" : "Show as a table", () => onCommand("table"), "t")}
            {explore !== undefined && (
              <a class="option" href={explore}>
                <span>Explore</span>
                <kbd aria-hidden="true">e</kbd>
              </a>
            )}
            {onCsv !== undefined && item("Download CSV", onCsv)}
            {item("Download PNG", onPicture)}
            {resolved.map(({ link, href }, index) => (
              <a
                key={index}
                class="option"
                href={href}
                title={link.tooltip}
                {...(link.opensTab && { target: "_blank", rel: "noreferrer" })}
              >
                {interpolate(link.title, linkContext!.selection, linkContext!.builtIns, "title") ||
                  href}
              </a>
            ))}
          </div>
        );
      }}
    </Dropdown>
  );
}
