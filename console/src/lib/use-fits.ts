import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/**
 * Returns true while the children of an element fit into its width, and false until it is as wide as they were when they did not: their width
 * depends on the font, the zoom and the scroll bar, which no media query knows. Measured before the browser paints. The children of the
 * wide state must not shrink.
 *
 * @param content differs if the width of the children may differ
 */
export function useFits(element: RefObject<HTMLElement | null>, content: string): boolean {
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  const [required, setRequired] = useState({ content, width: 0 });
  const fits = required.content !== content || width >= required.width;
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null || !fits || current.scrollWidth <= current.clientWidth) return;
    setWidth(current.clientWidth);
    setRequired({ content, width: current.scrollWidth });
  });
  return fits;
}
