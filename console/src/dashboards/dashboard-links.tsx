import { Dropdown } from "../components/dropdown.tsx";
import type { DashboardLink } from "../grafana/dashboard-links.ts";
import { resolveUrl, type LinkContext } from "../grafana/resolve-url.ts";
import { interpolate } from "../grafana/variables.ts";
import { toFragment } from "../shell/location.ts";
import type { DashboardSummary } from "./list-dashboards.ts";

interface Props {
  readonly links: readonly DashboardLink[];
  /** Name of the dashboard that is open. */
  readonly current: string;
  readonly all: readonly DashboardSummary[];
  /** Undefined until the variables are known. */
  readonly context: LinkContext | undefined;
  /** Time and variables of the page, for links that keep them. */
  readonly parameters: URLSearchParams;
}

/** The links of a dashboard: to others by their tags, or to a URL. */
export function DashboardLinks({ links, current, all, context, parameters }: Props) {
  return (
    <>
      {links.map((link, index) => {
        if (link.type === "link") {
          return <UrlLink key={index} link={link} context={context} />;
        }
        const linked = all.filter(
          ({ tags, problem }) =>
            problem === undefined && link.tags.every((tag) => tags.includes(tag)),
        );
        const kept = keepParameters(parameters, link);
        const anchors = linked.map(({ name, title }) => (
          <a
            key={name}
            href={toFragment(["dashboards", name], kept)}
            {...(name === current && { "aria-current": "page" })}
            {...(link.opensTab && { target: "_blank", rel: "noreferrer" })}
          >
            {title}
          </a>
        ));
        return link.isDropdown ? (
          <Dropdown key={index} label={link.title}>
            {() => <div class="menu">{anchors}</div>}
          </Dropdown>
        ) : (
          <nav key={index} class="siblings" aria-label={link.title || "Dashboards"}>
            {anchors}
          </nav>
        );
      })}
    </>
  );
}

interface UrlLinkProps {
  readonly link: DashboardLink;
  readonly context: LinkContext | undefined;
}

function UrlLink({ link, context }: UrlLinkProps) {
  if (context === undefined) return null;
  const href = resolveUrl(link, context);
  if (href === undefined) return null;
  return (
    <span class="siblings">
      <a
        href={href}
        title={link.tooltip}
        {...(link.opensTab && { target: "_blank", rel: "noreferrer" })}
      >
        {interpolate(link.title, context.selection, context.builtIns, "title")}
      </a>
    </span>
  );
}

function keepParameters(parameters: URLSearchParams, link: DashboardLink): URLSearchParams {
  return new URLSearchParams(
    [...parameters].filter(
      ([name]) =>
        (link.keepsTime && /^(?:from|to|refresh)$/.test(name)) ||
        (link.includesVariables && name.startsWith("var-")),
    ),
  );
}
