import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the size of an element in whole CSS pixels, which follows it; 0 × 0 before the first look.
 * @param isMounted false while the element is not on the page
 */
export function useSize(element: RefObject<HTMLElement | null>, isMounted = true): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isMounted]);
  return size;
}
