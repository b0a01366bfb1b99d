/**
 * Faces of nobody: drawn, in grey, a few strokes each, so that pages can show what fer writes without showing people.
 * Every person has a head, eyes and hair of their own, and every picture of one is a little different.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyedRandom } from "@fer/core";
import { encodePng } from "@fer/dataset-extractors/image";

const SIZE = 96;
/** Samples of a pixel, each way. */
const FINE = 3;

/**
 * What an expression does, in shares of the head: height and slant of the brows (positive: inner ends up), how far the eyes
 * are open, bend of the mouth (positive: corners up), how far it is open, and its width.
 */
const EXPRESSIONS = {
  neutral: { brow: 0, slant: 0, eyes: 1, bend: 0, open: 0, mouth: 1 },
  anger: { brow: -0.07, slant: -0.09, eyes: 0.75, bend: -0.05, open: 0, mouth: 0.85 },
  disgust: { brow: -0.05, slant: -0.03, eyes: 0.45, bend: -0.09, open: 0.02, mouth: 0.7 },
  fear: { brow: 0.06, slant: 0.07, eyes: 1.35, bend: -0.03, open: 0.06, mouth: 1 },
  happy: { brow: 0.01, slant: 0, eyes: 0.7, bend: 0.13, open: 0.03, mouth: 1.25 },
  sad: { brow: 0.01, slant: 0.1, eyes: 0.8, bend: -0.1, open: 0, mouth: 0.85 },
  surprise: { brow: 0.1, slant: 0, eyes: 1.5, bend: 0, open: 0.14, mouth: 0.6 },
};

const ellipse = (dx, dy) => dx * dx + dy * dy < 1;
const near = (value, middle) => value > -middle && value < middle;

/** Grey of a point of the face, from -1 to 1 across and down; `undefined` beside the head. */
function greyAt({ x, y, person, look }) {
  const { width, skin, hair, eyeGap, eyeSize, fringe } = person;
  if (!ellipse(x / width, y / 0.92)) return undefined;
  if (y < -0.62 + fringe * Math.cos(4 * x)) return hair;
  const side = Math.abs(x);
  const inward = eyeGap - side;
  const browLine = -0.3 - look.brow * 1.6 - look.slant * (inward / 0.2);
  if (near(inward, 0.2) && near(y - browLine, 0.035)) return hair * 0.8;
  const [ex, ey] = [inward / (eyeSize * 1.5), (y + 0.1) / (eyeSize * look.eyes)];
  if (ellipse(ex, ey)) return ellipse(ex * 2.2, (y + 0.1) / (eyeSize * 0.75)) ? 30 : 245;
  if (near(x - 0.03, 0.025) && y > 0 && y < 0.22) return skin * 0.78;
  const along = x / (0.3 * look.mouth);
  const lip = 0.5 - look.bend * (along * along - 0.4) * 1.6;
  const height = 0.035 + look.open * Math.sqrt(Math.max(0, 1 - along * along));
  if (near(along, 1) && near(y - lip, height)) return look.open > 0.02 && near(y - lip, height - 0.04) ? 35 : 80;
  return skin - 22 * Math.max(0, side - 0.35);
}

/** Grey pixels of one picture. */
function draw({ expression, subject, shot }) {
  const random = keyedRandom(1, `person ${subject}`);
  const person = {
    width: 0.68 + 0.16 * random(),
    skin: 130 + 100 * random(),
    hair: 25 + 70 * random(),
    eyeGap: 0.28 + 0.08 * random(),
    eyeSize: 0.085 + 0.03 * random(),
    fringe: 0.16 * random(),
  };
  const jitter = keyedRandom(1, `${expression} ${subject} ${shot}`);
  const look = Object.fromEntries(
    Object.entries(EXPRESSIONS[expression]).map(([name, value]) => [
      name,
      value * (name === "eyes" || name === "mouth" ? 0.75 + 0.4 * jitter() : 0.3 + 0.75 * jitter()),
    ]),
  );
  const [turn, left, down] = [0.3 * (jitter() - 0.5), 0.16 * (jitter() - 0.5), 0.16 * (jitter() - 0.5)];
  const [far, light] = [0.95 + 0.2 * jitter(), jitter()];
  const data = new Uint8Array(SIZE * SIZE);
  for (let at = 0; at < data.length; at++) {
    let sum = 0;
    for (let fine = 0; fine < FINE * FINE; fine++) {
      const u = ((at % SIZE) + ((fine % FINE) + 0.5) / FINE) / (SIZE / 2) - 1 - left;
      const v = (Math.floor(at / SIZE) + (Math.floor(fine / FINE) + 0.5) / FINE) / (SIZE / 2) - 1 - down;
      const [cos, sin] = [far * Math.cos(turn), far * Math.sin(turn)];
      const [x, y] = [u * cos - v * sin, u * sin + v * cos];
      sum += greyAt({ x, y, person, look }) ?? 200 - 60 * light;
    }
    data[at] = Math.max(0, Math.min(255, sum / (FINE * FINE) + 14 * (jitter() - 0.5) + 24 * (light - 0.5)));
  }
  return { width: SIZE, height: SIZE, channels: 1, data };
}

/** Writes `<folder>/<expression>/<person>_<shot>.png`. */
export function writeDrawnFaces(folder, { subjects, shots }) {
  for (const expression of Object.keys(EXPRESSIONS)) {
    mkdirSync(join(folder, expression), { recursive: true });
    for (let subject = 1; subject <= subjects; subject++)
      for (let shot = 1; shot <= shots; shot++) {
        const name = `p${String(subject).padStart(2, "0")}_${shot}.png`;
        writeFileSync(join(folder, expression, name), encodePng(draw({ expression, subject, shot })));
      }
  }
}
