/** A photo with its faces: a box around each, and a panel with its probabilities. */
import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { OptionsError, writeAtomic } from "@fer/core";
import { paste, type Picture, toRgb } from "@fer/core/pixels";
import { encodePng, readPicture } from "@fer/dataset-extractors/image";
import { isDevice } from "@fer/dataset-extractors/video";
import { type ChartSpec, renderPng, saveCharts } from "@fer/model";
import type { RecognizedFace } from "@fer/recognizer";
import { STDIN } from "./find-pictures.js";

/** Width of a panel in pixels, by the width of its face. */
const [NARROWEST, WIDEST] = [100, 260];
const ROW = 0.1;
const COLOUR = [64, 224, 96] as const;

/** Writes photos with what was seen in them into a folder, as PNG by their names. */
export class FaceDrawer {
  readonly #folder: string;
  readonly #names = new Map<string, number>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws OptionsError where one of the photos lies in that folder. */
  static async open(folder: string, files: readonly string[]): Promise<FaceDrawer> {
    const target = await realpath(folder).catch(() => resolve(folder));
    const own = new Set<string>();
    for (const file of files) {
      if (file === STDIN || isDevice(file)) continue;
      // where it seems to lie, and where it does
      own.add(dirname(await realpath(file)));
      own.add(await realpath(dirname(file)));
    }
    if (own.has(target)) {
      throw new OptionsError({
        code: "DRAWS_ONTO_INPUT",
        subject: "--draw",
        found: `${folder}, where pictures lie that are looked at`,
        expected: "another folder",
        fix: `Pass a new one, such as ${join(folder, "faces")}`,
      });
    }
    await mkdir(target, { recursive: true });
    return new FaceDrawer(target);
  }

  async draw({
    file,
    picture,
    faces,
  }: {
    file: string;
    picture: Picture;
    faces: readonly RecognizedFace[];
  }): Promise<void> {
    const drawn = toRgb({ ...picture, data: picture.data.slice() });
    for (const face of faces) outline(drawn, face.box);
    for (const face of faces) await addPanel(drawn, face);
    await writeAtomic(join(this.#folder, `${this.#nameOf(file)}.png`), encodePng(drawn));
  }

  /** Writes what a video showed over time, as `<name>-timeline.{svg,png,vl.json}`. */
  async drawTimeline(file: string, chart: ChartSpec): Promise<void> {
    await saveCharts(this.#folder, { charts: { [this.#nameOf(file, "-timeline")]: chart } });
  }

  /** `photo`, then `photo-2`. */
  #nameOf(file: string, ending = ""): string {
    const name = `${file === STDIN ? "stdin" : basename(file).replace(/\.[^.]+$/, "")}${ending}`;
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return `${name}${count === 1 ? "" : `-${count}`}`;
  }
}

function outline(picture: Picture, { x, y, width, height }: RecognizedFace["box"]): void {
  const line = Math.max(1, Math.round(Math.max(picture.width, picture.height) / 500));
  const [left, top, right, bottom] = [x, y, x + width, y + height].map(Math.round) as [number, number, number, number];
  fill(picture, { left, top, right, bottom: top + line });
  fill(picture, { left, top: bottom - line, right, bottom });
  fill(picture, { left, top, right: left + line, bottom });
  fill(picture, { left: right - line, top, right, bottom });
}

function fill(picture: Picture, part: { left: number; top: number; right: number; bottom: number }): void {
  for (let y = Math.max(0, part.top); y < Math.min(picture.height, part.bottom); y++) {
    for (let x = Math.max(0, part.left); x < Math.min(picture.width, part.right); x++)
      picture.data.set(COLOUR, (y * picture.width + x) * 3);
  }
}

/** Below the box, or above it where there is no room; left out of a picture that is smaller than it. */
async function addPanel(picture: Picture, face: RecognizedFace): Promise<void> {
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.round(face.box.width)));
  const panel = toRgb(await readPicture(Buffer.from(await renderPng(panelOf(face, width / 2)))));
  if (panel.width > picture.width || panel.height > picture.height) return;
  const within = (at: number, room: number): number => Math.min(Math.max(0, Math.round(at)), room);
  const below = face.box.y + face.box.height;
  const y = below + panel.height <= picture.height ? below : face.box.y - panel.height;
  paste(panel, {
    into: picture,
    x: within(face.box.x, picture.width - panel.width),
    y: within(y, picture.height - panel.height),
  });
}

/** SVG: a bar a class. */
function panelOf({ probabilities, expression }: RecognizedFace, width: number): string {
  const row = width * ROW;
  const rows = Object.entries(probabilities).map(([name, share], i) => {
    const y = i * row;
    const bar = `<rect x="${width * 0.42}" y="${y + row * 0.15}" width="${share * width * 0.55}" height="${row * 0.7}" fill="${name === expression ? "#1a9850" : "#9aa5b1"}"/>`;
    const weight = name === expression ? 700 : 400;
    return `${bar}<text x="${row * 0.2}" y="${y + row * 0.78}" font-family="Lato" font-weight="${weight}" font-size="${row * 0.8}">${name}</text>`;
  });
  const height = Math.ceil(rows.length * row);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="white"/>${rows.join("")}</svg>`;
}
