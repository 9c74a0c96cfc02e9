/**
 * Draws a dashboard with Grafana's own components. `window.look` holds the dashboard, the URL of Prometheus, the time range and the theme;
 * `window.lookDone` resolves when everything is drawn. Not type-checked: the components are no dependency of the project.
 */
import { createTheme, ThemeContext } from "@grafana/data";
import { GlobalStyles, PanelChrome, PortalContainer } from "@grafana/ui";
import { createRoot } from "react-dom/client";
import { useEffect, useState } from "react";
import "uplot/dist/uPlot.min.css";
import "@fontsource-variable/inter";
import { toFrames } from "./frames.js";
import { createPrometheus } from "./prometheus.js";
import { Panel } from "./panels.jsx";

const COLUMNS = 24;
const ROW = 30;
const GAP = 8;

const { dashboard, url, from, to, mode, variables, scrapeSeconds } = window.look;
const theme = createTheme({
  colors: { mode },
  // The package of the font gives it this name.
  typography: { fontFamily: '"Inter Variable", sans-serif' },
});
const prometheus = createPrometheus({ url, from, to, variables, scrapeSeconds });

let pending = 0;
let settle;
window.lookDone = new Promise((resolve) => (settle = resolve));
window.lookErrors = [];

function finish() {
  pending -= 1;
  if (pending === 0) document.fonts.ready.then(() => setTimeout(settle, 1_500));
}

function place({ x, y, w, h }, width) {
  const column = (width - GAP * (COLUMNS - 1)) / COLUMNS;
  return {
    left: x * (column + GAP),
    top: y * (ROW + GAP),
    width: w * column + (w - 1) * GAP,
    height: h * ROW + (h - 1) * GAP,
  };
}

function LoadedPanel({ panel, box, annotations }) {
  const [frames, setFrames] = useState(null);
  useEffect(() => {
    toFrames(panel, prometheus, box.width, theme)
      .then(setFrames)
      .catch((error) => {
        window.lookErrors.push(`${panel.title}: ${error.message}`);
        setFrames([]);
      })
      .finally(finish);
  }, []);
  return (
    <PanelChrome title={panel.title} width={Math.floor(box.width)} height={Math.floor(box.height)}>
      {(width, height) =>
        frames === null ? null : (
          <Panel {...{ panel, frames, width, height, annotations, theme, from, to }} />
        )
      }
    </PanelChrome>
  );
}

function Dashboard({ annotations }) {
  const width = document.documentElement.clientWidth - 32;
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const shown = dashboard.templating.list.filter(({ hide }) => hide !== 2);
  return (
    <div style={{ padding: 16 }}>
      <div style={{ display: "flex", gap: 16, alignItems: "baseline", marginBottom: 12 }}>
        <strong style={{ fontSize: 18 }}>{dashboard.title}</strong>
        {shown.map(({ name, label }) => (
          <span key={name} style={{ color: theme.colors.text.secondary }}>
            {label}: {name === "datasource" ? "Prometheus" : "All"}
          </span>
        ))}
        <span style={{ marginLeft: "auto", color: theme.colors.text.secondary }}>
          {new Date(from * 1_000).toLocaleTimeString()} to{" "}
          {new Date(to * 1_000).toLocaleTimeString()}
        </span>
      </div>
      <div style={{ position: "relative", height: bottom * (ROW + GAP) }}>
        {dashboard.panels.map((panel) => {
          const box = place(panel.gridPos, width);
          return (
            <div key={panel.id} data-panel={panel.id} style={{ position: "absolute", ...box }}>
              {panel.type === "row" ? (
                <div style={{ fontSize: 16, fontWeight: 500, lineHeight: "30px" }}>
                  ⌄ {panel.title}
                </div>
              ) : (
                <LoadedPanel {...{ panel, box, annotations }} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

async function start() {
  document.body.style.margin = "0";
  document.body.style.background = theme.colors.background.canvas;
  pending = dashboard.panels.filter(({ type }) => type !== "row").length;
  const annotations = await prometheus.annotations(dashboard.annotations.list);
  createRoot(document.getElementById("root")).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <PortalContainer />
      <Dashboard annotations={annotations} />
    </ThemeContext.Provider>,
  );
}
start();
