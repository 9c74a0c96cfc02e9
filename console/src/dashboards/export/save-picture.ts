import { download, toFileName } from "./download.ts";
import { drawElement } from "./draw-element.ts";

/** Pictures are sharp on every screen. */
const SCALE = 2;

/** Offers the picture of a panel as a PNG file. */
export function savePicture(panel: HTMLElement, title: string): void {
  drawElement(panel, SCALE).toBlob((blob) => {
    if (blob !== null) download(blob, toFileName(title, "png"));
  }, "image/png");
}
