/** Boxes over a picture or a video, with the number of each face. */
import type { RecognizedFace } from "@fer/web";

interface Shown {
  faces: readonly RecognizedFace[];
  chosen: number;
  /** Of the picture, in pixels. */
  width: number;
  height: number;
}

export function drawBoxes(canvas: HTMLCanvasElement, { faces, chosen, width, height }: Shown): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const line = Math.max(2, width / 250);
  context.lineWidth = line;
  context.font = `600 ${Math.max(12, width / 40)}px system-ui, sans-serif`;
  for (const [at, { box }] of faces.entries()) {
    context.strokeStyle = at === chosen ? "#ffd23f" : "#ffffff";
    context.shadowColor = "#000000";
    context.shadowBlur = line;
    context.strokeRect(box.x, box.y, box.width, box.height);
    context.fillStyle = context.strokeStyle;
    context.fillText(String(at + 1), box.x + 2 * line, Math.max(box.y - 2 * line, 4 * line + 10));
  }
}
