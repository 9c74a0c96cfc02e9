/**
 * Draws an element as it looks on the page: backgrounds, borders, text, charts and SVG. The policy of the page does not allow the usual
 * way, which loads the element as an image from a data URL.
 */
export function drawElement(root: HTMLElement, scale: number): HTMLCanvasElement {
  const box = root.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(box.width * scale);
  canvas.height = Math.ceil(box.height * scale);
  const context = canvas.getContext("2d")!;
  context.scale(scale, scale);
  context.translate(-box.left, -box.top);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(box.left, box.top, box.width, box.height);
  drawTree(context, root);
  return canvas;
}

function drawTree(context: CanvasRenderingContext2D, element: Element): void {
  const style = getComputedStyle(element);
  // What is not part of the picture, such as buttons, is marked.
  if (style.display === "none" || style.visibility === "hidden") return;
  if (style.opacity === "0" || element.hasAttribute("data-no-picture")) return;
  context.save();
  context.globalAlpha *= Number(style.opacity);
  if (element instanceof SVGElement) drawSvg(context, element, style);
  else {
    drawBox(context, element, style);
    if (element instanceof HTMLCanvasElement) drawCanvas(context, element);
    // Lists and tables that scroll show a part.
    if (style.overflow !== "visible") clip(context, element);
    for (const node of element.childNodes) {
      if (node instanceof Element) drawTree(context, node);
      else if (node instanceof Text) drawText(context, node, style);
    }
  }
  context.restore();
}

function drawBox(
  context: CanvasRenderingContext2D,
  element: Element,
  style: CSSStyleDeclaration,
): void {
  const { left, top, width, height } = element.getBoundingClientRect();
  if (width === 0 || height === 0) return;
  context.beginPath();
  context.roundRect(left, top, width, height, Number.parseFloat(style.borderTopLeftRadius) || 0);
  context.fillStyle = style.backgroundColor;
  context.fill();
  const border = Number.parseFloat(style.borderTopWidth);
  const isFramed = border > 0 && Number.parseFloat(style.borderLeftWidth) > 0;
  if (isFramed) {
    context.strokeStyle = style.borderTopColor;
    context.lineWidth = border;
    context.stroke();
  } else if (Number.parseFloat(style.borderBottomWidth) > 0) {
    context.fillStyle = style.borderBottomColor;
    context.fillRect(left, top + height - 1, width, 1);
  }
}

function drawCanvas(context: CanvasRenderingContext2D, element: HTMLCanvasElement): void {
  const { left, top, width, height } = element.getBoundingClientRect();
  if (element.width > 0 && element.height > 0) {
    context.drawImage(element, left, top, width, height);
  }
}

function clip(context: CanvasRenderingContext2D, element: Element): void {
  const { left, top, width, height } = element.getBoundingClientRect();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
}

/** Draws text line by line, where the browser has put it. */
function drawText(context: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration): void {
  const text = node.data;
  if (text.trim() === "") return;
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "alphabetic";
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } =
    context.measureText("x");
  for (const { line, rect } of listLines(node)) {
    const baseline = rect.top + (rect.height - ascent - descent) / 2 + ascent;
    context.fillText(line, rect.left, baseline);
  }
}

interface TextLine {
  readonly line: string;
  readonly rect: DOMRect;
}

function listLines(node: Text): readonly TextLine[] {
  const range = document.createRange();
  range.selectNodeContents(node);
  const rects = range.getClientRects();
  if (rects.length === 1) return [{ line: node.data, rect: rects[0]! }];
  // A line ends where the next character is lower.
  const lines: { line: string; rect: DOMRect }[] = [];
  for (let index = 0; index < node.length; index++) {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const rect = range.getBoundingClientRect();
    if (rect.width === 0) continue;
    const last = lines.at(-1);
    if (last !== undefined && rect.top < last.rect.bottom - 1) last.line += node.data[index]!;
    else lines.push({ line: node.data[index]!, rect });
  }
  return lines;
}

/** Draws the shapes that panels use: paths, lines, circles, rectangles and text. */
function drawSvg(
  context: CanvasRenderingContext2D,
  element: SVGElement,
  style: CSSStyleDeclaration,
): void {
  if (element instanceof SVGGraphicsElement) {
    context.save();
    const matrix = element.getScreenCTM();
    if (matrix !== null) {
      context.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f);
    }
    if (element instanceof SVGTextElement) drawSvgText(context, element, style);
    else {
      const path = toPath(element);
      if (path !== undefined) paint(context, path, style);
    }
    context.restore();
  }
  for (const child of element.children) drawTree(context, child);
}

function toPath(element: SVGElement): Path2D | undefined {
  const read = (name: string): number => Number(element.getAttribute(name) ?? 0);
  const path = new Path2D();
  switch (element.tagName) {
    case "path":
      return new Path2D(element.getAttribute("d") ?? "");
    case "circle":
      path.arc(read("cx"), read("cy"), read("r"), 0, 2 * Math.PI);
      return path;
    case "rect":
      path.roundRect(read("x"), read("y"), read("width"), read("height"), read("rx"));
      return path;
    case "line":
      path.moveTo(read("x1"), read("y1"));
      path.lineTo(read("x2"), read("y2"));
      return path;
    default:
      return undefined;
  }
}

function paint(context: CanvasRenderingContext2D, path: Path2D, style: CSSStyleDeclaration): void {
  if (style.fill !== "none") {
    context.fillStyle = style.fill;
    context.fill(path, style.fillRule === "evenodd" ? "evenodd" : "nonzero");
  }
  if (style.stroke !== "none") {
    context.strokeStyle = style.stroke;
    context.lineWidth = Number.parseFloat(style.strokeWidth) || 1;
    context.stroke(path);
  }
}

function drawSvgText(
  context: CanvasRenderingContext2D,
  element: SVGTextElement,
  style: CSSStyleDeclaration,
): void {
  const anchors: Readonly<Record<string, CanvasTextAlign>> = { middle: "center", end: "right" };
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.fill;
  context.textAlign = anchors[style.textAnchor] ?? "left";
  const [x, y] = ["x", "y"].map((name) => Number(element.getAttribute(name) ?? 0));
  context.fillText(element.textContent ?? "", x!, y!);
}
