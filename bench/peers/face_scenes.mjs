/**
 * Scenes whose faces are known: frames of CK+ pasted with feathered edges into made-up backgrounds, 24 to 400 pixels across,
 * turned by up to 45 degrees. The same seed gives the same scenes. Hard ones have faces of little contrast, in other light,
 * with noise, with something before them, and heads whose quarters have changed places, which are no faces.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { splitRandom } from "@fer/core";
import { toGrey, warpArea } from "@fer/core/pixels";
import { readPicture } from "@fer/dataset-extractors/image";

/** Of the scenes that are measured; the detector was made while looking at those of seed 7. */
const SEED = 15;
export const OTHER_SEED = 7;
const [WIDTH, HEIGHT] = [1024, 768];
const SMALLEST = 24;
const LARGEST = 400;
const MOST_TURNED = Math.PI / 4;
/** Of a CK+ frame: centre and half axes of the ellipse that shows the head. */
const HEAD = { x: 0.5, y: 0.52, across: 0.44, down: 0.5 };
/** Part of the half axes over which it fades. */
const FEATHER = 0.2;

/** Frames of `ckplus-seed`: path and label, sorted. */
export function framesOf(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((label) =>
      readdirSync(join(folder, label))
        .sort()
        .map((name) => ({ file: join(folder, label, name), label: Number(label) })),
    );
}

/** `{ picture, faces: [{ x, y, size, turn, label }] }`, `size` being the width of the head. */
export async function makeScene(
  index,
  { frames, seed = SEED, most = 4, largest = LARGEST, smallest = SMALLEST, isHard = false },
) {
  const random = splitRandom(seed, `${isHard ? "hard " : ""}scene ${index}`);
  const picture = background(random);
  const faces = [];
  const others = [];
  const count = Math.min(most, 1 + Math.floor(random() * 4));
  for (let tries = 0; faces.length + others.length < count && tries < 40; tries++) {
    const size = smallest * (largest / smallest) ** random();
    const turn = (2 * random() - 1) * MOST_TURNED;
    const reach = size * 0.62;
    const x = reach + random() * (WIDTH - 2 * reach);
    const y = reach + random() * (HEIGHT - 2 * reach);
    if (faces.concat(others).some((other) => Math.hypot(other.x - x, other.y - y) < reach + other.size * 0.62))
      continue;
    const { file, label } = frames[Math.floor(random() * frames.length)];
    const head = toGrey(await readPicture(file));
    // of a hard scene every third head is none: its quarters have changed places
    const isFace = !isHard || random() < 2 / 3;
    pasteHead(isFace ? head : scrambled(head), { into: picture, x, y, size, turn, spoil: isHard ? random : null });
    if (isFace) faces.push({ x, y, size, turn, label });
    else others.push({ x, y, size });
    if (!isHard || random() < 0.5) continue;
    // something before a part of it
    const [u, v] = [x + (random() - 0.5) * size, y + (random() - 0.5) * size];
    cover(picture, { x: u, y: v, radius: size * (0.15 + 0.2 * random()), level: 255 * random() });
  }
  return { picture, faces };
}

/** Upper left, upper right, lower left and lower right quarter in another order: what a face is made of, and no face. */
function scrambled({ width, height, channels, data }) {
  const out = new Uint8Array(data.length);
  const [w, h] = [width >> 1, height >> 1];
  for (let y = 0; y < 2 * h; y++)
    for (let x = 0; x < 2 * w; x++) out[((y + h) % (2 * h)) * width + ((x + w) % (2 * w))] = data[y * width + x];
  return { width, height, channels, data: out };
}

/** A disc of one grey level. */
function cover({ data }, { x, y, radius, level }) {
  for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(HEIGHT, y + radius); row++)
    for (let column = Math.max(0, Math.floor(x - radius)); column < Math.min(WIDTH, x + radius); column++)
      if ((column - x) ** 2 + (row - y) ** 2 < radius * radius)
        for (let c = 0; c < 3; c++) data[(row * WIDTH + column) * 3 + c] = level;
}

/** Less contrast, other light, noise. */
function spoiled({ data }, random) {
  const [contrast, light, noise] = [0.25 + 0.6 * random(), 40 + 170 * random(), 30 * random()];
  for (let i = 0; i < data.length; i++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    data[i] = Math.min(255, Math.max(0, light + contrast * (data[i] - 110) + noise * normal));
  }
}

function pasteHead(frame, { into, x, y, size, turn, spoil }) {
  const side = Math.ceil(size / (2 * HEAD.across));
  const half = Math.ceil(side * 0.75);
  const scale = side / frame.width;
  const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
  // from the frame to a square of 2 half around the place, turned
  const [cx, cy] = [HEAD.x * frame.width, HEAD.y * frame.height];
  const matrix = [cos, -sin, half - cos * cx + sin * cy, sin, cos, half - sin * cx - cos * cy];
  const head = warpArea(frame, { matrix, side: 2 * half });
  if (spoil !== null) spoiled(head, spoil);
  const [left, top] = [Math.round(x) - half, Math.round(y) - half];
  for (let row = 0; row < 2 * half; row++) {
    for (let column = 0; column < 2 * half; column++) {
      const [px, py] = [left + column, top + row];
      if (px < 0 || py < 0 || px >= WIDTH || py >= HEIGHT) continue;
      const [dx, dy] = [(column + 0.5 - half) / side, (row + 0.5 - half) / side];
      const u = (Math.cos(turn) * dx + Math.sin(turn) * dy) / HEAD.across;
      const v = (-Math.sin(turn) * dx + Math.cos(turn) * dy) / HEAD.down;
      const alpha = Math.min(1, Math.max(0, (1 - Math.hypot(u, v)) / FEATHER));
      const at = (py * WIDTH + px) * 3;
      for (let c = 0; c < 3; c++)
        into.data[at + c] = Math.round(alpha * head.data[row * 2 * half + column] + (1 - alpha) * into.data[at + c]);
    }
  }
}

/** Clouds of four sizes, a gradient, and a dozen boxes, discs and stripes. */
function background(random) {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const layers = [4, 11, 31, 97].map((cells) => ({
    cells,
    weight: (60 + 60 * random()) / Math.sqrt(cells),
    values: Float64Array.from({ length: (cells + 1) * (cells + 1) * 3 }, () => 2 * random() - 1),
  }));
  const base = [random(), random(), random()].map((level) => 60 + 120 * level);
  const smooth = (t) => t * t * (3 - 2 * t);
  /** Cell and place in it, by column or row. */
  const stepsOf = (length, cells) =>
    Array.from({ length }, (_, at) => {
      const u = (at / length) * cells;
      return { cell: Math.floor(u), share: smooth(u - Math.floor(u)) };
    });
  const across = layers.map(({ cells }) => stepsOf(WIDTH, cells));
  const down = layers.map(({ cells }) => stepsOf(HEIGHT, cells));
  const row = new Float64Array(WIDTH * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let at = 0; at < row.length; at++) row[at] = base[at % 3];
    for (const [k, { cells, weight, values }] of layers.entries()) {
      const { cell: j, share: dv } = down[k][y];
      for (let x = 0, at = 0; x < WIDTH; x++) {
        const { cell: i, share: du } = across[k][x];
        const upperLeft = (j * (cells + 1) + i) * 3;
        const lowerLeft = upperLeft + (cells + 1) * 3;
        for (let c = 0; c < 3; c++, at++) {
          const upper = values[upperLeft + c] + du * (values[upperLeft + 3 + c] - values[upperLeft + c]);
          const lower = values[lowerLeft + c] + du * (values[lowerLeft + 3 + c] - values[lowerLeft + c]);
          row[at] += weight * (upper + dv * (lower - upper));
        }
      }
    }
    for (let at = 0; at < row.length; at++) data[y * row.length + at] = Math.min(255, Math.max(0, row[at]));
  }
  for (let shape = 0; shape < 12; shape++) {
    const kind = Math.floor(random() * 3);
    const [cx, cy, r, s] = [random() * WIDTH, random() * HEIGHT, 10 + random() * 120, 10 + random() * 120];
    const colour = [random() * 255, random() * 255, random() * 255];
    for (let y = Math.max(0, Math.floor(cy - s)); y < Math.min(HEIGHT, cy + s); y++) {
      for (let x = Math.max(0, Math.floor(cx - r)); x < Math.min(WIDTH, cx + r); x++) {
        const isIn = kind === 0 || (kind === 1 ? ((x - cx) / r) ** 2 + ((y - cy) / s) ** 2 < 1 : (x + y) % 16 < 6);
        if (isIn) for (let c = 0; c < 3; c++) data[(y * WIDTH + x) * 3 + c] = colour[c];
      }
    }
  }
  return { width: WIDTH, height: HEIGHT, channels: 3, data };
}
