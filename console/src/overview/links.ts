import { toFragment, toPanelFragment } from "../shell/location.ts";
import { PAGES } from "../shell/pages.ts";
import { DASHBOARD, type OverviewNumber } from "./numbers.ts";

const hasPage = (id: string): boolean => PAGES.some((page) => page.id === id);

/** Returns the URL of a model's page; without one, of the dashboard of models. */
export function toModelLink(name: string): string {
  return hasPage("model") ? toFragment(["model", name]) : toFragment(["dashboards", "tepal-model"]);
}

/** Returns the URL of the alerts. */
export function toAlertsLink(): string {
  return hasPage("alerts") ? toFragment(["alerts"]) : toFragment(["dashboards", "tepal-overview"]);
}

/** Returns the URL of the panel of a number. */
export function toPanelLink({ panel }: OverviewNumber): string {
  return toPanelFragment(DASHBOARD, panel);
}
