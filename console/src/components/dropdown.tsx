import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ChevronIcon } from "./icons.tsx";
import { buttonClass } from "./button.tsx";
import "./dropdown.css";

/** Pixels between a panel and the edge of the page. */
const MARGIN = 14;

interface Props {
  /** Text of the button. */
  readonly label: ComponentChildren;
  /** Name for screen readers, if the text alone is not clear. */
  readonly name?: string;
  readonly align?: "start" | "end";
  /** True for a button that is an icon alone. */
  readonly compact?: boolean;
  /** Content of the panel; `close` closes it and returns the focus to the button. */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button that opens a panel below it, moved sideways where the page ends. Escape, a click elsewhere and leaving it with Tab close the panel. */
export function Dropdown({ label, name, align = "start", compact = false, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  // At once, not after the next frame: a key that comes before would close the panel, and the focus would go with it.
  useLayoutEffect(() => {
    if (!isOpen) return;
    root.current
      ?.querySelector<HTMLElement>("[data-first], .dropdown-panel :is(input, button, a)")
      ?.focus();
    const onPress = ({ target }: Event): void => {
      if (target instanceof Node && root.current?.contains(target) === false) setOpen(false);
    };
    addEventListener("pointerdown", onPress);
    return () => removeEventListener("pointerdown", onPress);
  }, [isOpen]);

  useLayoutEffect(() => {
    const element = panel.current;
    if (!isOpen || element === null) return;
    const place = (): void => keepInPage(element);
    place();
    addEventListener("resize", place);
    return () => removeEventListener("resize", place);
  }, [isOpen]);

  function close(): void {
    setOpen(false);
    button.current?.focus();
  }

  return (
    <div
      ref={root}
      class="dropdown"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
      }}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && root.current?.contains(relatedTarget) === false)
          setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        class={`${buttonClass(compact ? "quiet" : "plain", true)} dropdown-button`}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={name}
        onClick={() => setOpen(!isOpen)}
      >
        {label}
        {!compact && <ChevronIcon />}
      </button>
      {isOpen && (
        <div ref={panel} id={id} class={`dropdown-panel is-${align}`}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

function keepInPage(element: HTMLElement): void {
  element.style.translate = "none";
  const { left, right } = element.getBoundingClientRect();
  const beyond = Math.max(0, right - (document.documentElement.clientWidth - MARGIN));
  const shift = left < MARGIN ? MARGIN - left : -Math.min(beyond, left - MARGIN);
  element.style.translate = `${shift}px`;
}
