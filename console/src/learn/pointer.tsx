import { useEffect, useState } from "preact/hooks";

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Distance between the ring and the part. */
const MARGIN = 5;

/** A ring around the first of the given parts that the page shows. It follows the part, and scrolls to it once. */
export function Pointer({ selectors }: { readonly selectors: readonly string[] }) {
  const [box, setBox] = useState<Box>();
  useEffect(() => {
    let scrolledTo: Element | undefined;
    let frame = 0;
    function follow() {
      const part = findVisible(selectors);
      if (part !== undefined && scrolledTo !== part && !isInNavigation(part)) {
        scrolledTo = part;
        part.scrollIntoView({ block: "nearest", behavior: "smooth" });
      }
      const { left = 0, top = 0, width = 0, height = 0 } = part?.getBoundingClientRect() ?? {};
      setBox((before) =>
        before?.left === left &&
        before.top === top &&
        before.width === width &&
        before.height === height
          ? before
          : { left, top, width, height },
      );
      frame = requestAnimationFrame(follow);
    }
    follow();
    return () => cancelAnimationFrame(frame);
  }, [selectors]);
  if (box === undefined || box.width === 0) return null;
  return (
    <div
      class="course-pointer"
      aria-hidden="true"
      style={{
        left: `${box.left - MARGIN}px`,
        top: `${box.top - MARGIN}px`,
        width: `${box.width + 2 * MARGIN}px`,
        height: `${box.height + 2 * MARGIN}px`,
      }}
    />
  );
}

function findVisible(selectors: readonly string[]): Element | undefined {
  for (const selector of selectors) {
    const part = document.querySelector(selector);
    if (part !== null && part.getClientRects().length > 0) return part;
  }
  return undefined;
}

function isInNavigation(part: Element): boolean {
  return part.closest("nav, header") !== null;
}
