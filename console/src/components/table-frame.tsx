import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./table.css";

interface Props {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** Lets a table scroll sideways, also by keyboard, and shows at its edge that there is more. */
export function TableFrame({ label, children }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  const [hasMore, setMore] = useState(false);

  function look() {
    const element = scroll.current;
    if (element === null) return;
    setScrolls(element.scrollWidth > element.clientWidth + 1);
    setMore(element.scrollLeft + element.clientWidth < element.scrollWidth - 1);
  }

  useEffect(() => {
    const element = scroll.current;
    if (element === null) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);

  return (
    <div class={`table-frame${hasMore ? " has-more" : ""}`}>
      <div
        ref={scroll}
        class="table-scroll"
        role="region"
        aria-label={label}
        // Focusable, so that the keyboard can scroll it.
        {...(scrolls && { tabIndex: 0 })}
        onScroll={look}
      >
        {children}
      </div>
    </div>
  );
}
