import { Dialog } from "../components/dialog.tsx";
import { Kbd } from "../components/kbd.tsx";
import type { OverlayProps } from "./overlays.tsx";
import type { Shortcut } from "./pages.ts";

const EVERYWHERE: readonly Shortcut[] = [
  { keys: ["/"], effect: "Search pages, dashboards, panels, metrics, features, docs" },
  { keys: ["?"], effect: "Show this help" },
  { keys: ["Esc"], effect: "Close a dialog or a menu" },
  { keys: ["←", "→"], effect: "Move over the values of the focused chart; Esc ends it" },
  { keys: ["t"], effect: "Show the chart with the focus or the pointer as a table, or as a chart" },
  { keys: ["Tab"], effect: "Move to the next control; the first skips the navigation" },
];

/** The keys of the console. */
export function HelpDialog({ page, onClose }: OverlayProps) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <Section title="Everywhere" shortcuts={EVERYWHERE} />
      {page?.shortcuts !== undefined && (
        <Section title={`On the page ${page.title}`} shortcuts={page.shortcuts} />
      )}
    </Dialog>
  );
}

interface SectionProps {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

function Section({ title, shortcuts }: SectionProps) {
  return (
    <section class="shortcuts">
      <h3>{title}</h3>
      <dl>
        {shortcuts.map(({ keys, effect }) => (
          <div key={effect}>
            <dt>
              <Kbd keys={keys} />
            </dt>
            <dd>{effect}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
