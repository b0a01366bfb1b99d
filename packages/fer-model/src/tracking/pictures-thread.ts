/** The thread of `picturesOf`. */
import { formatPercent } from "@fer/core";
import { encodePng } from "@fer/dataset-extractors/image";
import { confusionMatrixChart } from "../charts/confusion-matrix-chart.js";
import { renderPng, renderSvg } from "../charts/render.js";
import { answer } from "../thread.js";
import type { PictureName, PicturesInput, TrackedPicture } from "./pictures.js";
import type { Mistakes } from "./worst-mistakes.js";

const COLUMNS = 6;
/** Edge of a face, and height of its caption, in units of the SVG. */
const EDGE = 72;
const CAPTION = 30;
const GAP = 8;

await answer(async ({ confusion, mistakes }: PicturesInput): Promise<Partial<Record<PictureName, TrackedPicture>>> => {
  const { confusionMatrix, classes } = confusion;
  const chart = await renderSvg(confusionMatrixChart(confusionMatrix, { classes }));
  return {
    confusion_matrix: await drawn(chart),
    ...(mistakes.mistakes.length === 0 ? {} : { misclassified: await drawn(sheet(mistakes)) }),
  };
});

async function drawn(svg: string): Promise<TrackedPicture> {
  const png = await renderPng(svg);
  // the first chunk of every PNG begins with them
  const header = new DataView(png.buffer, png.byteOffset);
  return { png, width: header.getUint32(16), height: header.getUint32(20) };
}

/** Faces in rows, and below each what it is and what was said. */
function sheet({ mistakes, size, channels }: Mistakes): string {
  const [cell, line] = [EDGE + GAP, EDGE + CAPTION + GAP];
  const columns = Math.min(COLUMNS, mistakes.length);
  const [width, height] = [columns * cell + GAP, Math.ceil(mistakes.length / COLUMNS) * line + GAP];
  const faces = mistakes.map(({ truth, predicted, confidence, pixels }, at) => {
    const [x, y] = [GAP + (at % COLUMNS) * cell, GAP + Math.floor(at / COLUMNS) * line];
    const png = encodePng({ width: size, height: size, channels: channels as 1 | 3, data: pixels });
    const text = (words: string, below: number): string =>
      `<text x="${x + EDGE / 2}" y="${y + EDGE + below}" font-family="Lato" font-size="9" text-anchor="middle">${escaped(words)}</text>`;
    return [
      `<image x="${x}" y="${y}" width="${EDGE}" height="${EDGE}" href="data:image/png;base64,${png.toString("base64")}"/>`,
      text(`is ${truth}`, 11),
      text(`${predicted} ${formatPercent(confidence)}`, 22),
    ].join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${faces.join("")}</svg>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
