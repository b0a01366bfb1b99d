/** The detector on what is drawn here, and on real faces where they are. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Picture } from "@fer/core/pixels";
import { warpArea } from "@fer/core/pixels";
import { readPicture } from "@fer/dataset-extractors/image";
import { blazeFace, type Face } from "@fer/recognizer";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { merged } from "../dist/blazeface/merge.js";
import { Pyramid } from "../dist/blazeface/pyramid.js";
import { windowsOf } from "../dist/blazeface/windows.js";

const data = join(process.env["FER_DATA"] ?? "", "ckplus-seed");
const hasFaces = process.env["FER_DATA"] !== undefined && existsSync(data);
const detector = blazeFace();

beforeAll(async () => {
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
});
afterAll(() => detector.dispose());

const grey = (width: number, height: number): Picture => ({
  width,
  height,
  channels: 1,
  data: new Uint8Array(width * height).fill(120),
});

describe("windows", () => {
  test("cover the picture on every level, so that a small face is whole in one of them", () => {
    const windows = windowsOf({ width: 1000, height: 700 }, 24);
    for (const [x, y] of [
      [12, 12],
      [988, 688],
      [500, 350],
      [333, 200],
    ] as const) {
      const whole = windows.filter(
        ({ centre, side }) => Math.abs(centre[0] - x) <= side / 2 - 12 && Math.abs(centre[1] - y) <= side / 2 - 12,
      );
      expect(Math.min(...whole.map(({ side }) => side))).toBeLessThanOrEqual(240);
    }
  });

  test("are one for a picture that shows nothing but a face", () => {
    expect(windowsOf({ width: 48, height: 48 }, 24)).toHaveLength(1);
  });
});

describe("what a window shows", () => {
  /** Grey levels that grow by 0.1 a pixel to the right, and by 0.05 down. */
  const ramp = ({ width, height, channels }: Pick<Picture, "width" | "height" | "channels">): Picture => ({
    width,
    height,
    channels,
    data: Uint8Array.from({ length: width * height * channels }, (_, i) => {
      const pixel = Math.floor(i / channels);
      return Math.round(20 + 0.1 * ((pixel % width) + 0.5) + 0.05 * (Math.floor(pixel / width) + 0.5));
    }),
  });

  test.each([
    { width: 1024, height: 768, channels: 1, side: 320, turn: 0 },
    { width: 1024, height: 768, channels: 3, side: 700, turn: 0.6 },
    { width: 1023, height: 767, channels: 1, side: 760, turn: 0 },
    { width: 601, height: 603, channels: 3, side: 90, turn: -0.9 },
  ] as const)("of $width x $height, $side pixels, turned by $turn, is what lies there", (of) => {
    const seen = new Float32Array(256 * 256 * 3);
    const centre = [of.width / 2 + 7, of.height / 2 - 3] as const;
    new Pyramid(ramp(of)).look({ centre, side: of.side, turn: of.turn }, seen);
    for (const [column, row] of [
      [128, 128],
      [70, 90],
      [180, 150],
    ] as const) {
      const [u, v] = [((column + 0.5 - 128) * of.side) / 256, ((row + 0.5 - 128) * of.side) / 256];
      const x = centre[0] + Math.cos(of.turn) * u - Math.sin(of.turn) * v;
      const y = centre[1] + Math.sin(of.turn) * u + Math.cos(of.turn) * v;
      const level = 127.5 * (seen[3 * (row * 256 + column)]! + 1);
      // within rounding to whole levels
      expect(Math.abs(level - (20 + 0.1 * x + 0.05 * y))).toBeLessThan(0.75);
      expect(seen[3 * (row * 256 + column) + 2]).toBe(seen[3 * (row * 256 + column)]);
    }
  });

  test("beyond the picture is its edge", () => {
    const seen = new Float32Array(256 * 256 * 3);
    new Pyramid(ramp({ width: 2000, height: 3, channels: 1 })).look({ centre: [1000, 1.5], side: 2000, turn: 0 }, seen);
    expect(new Set(seen.subarray(3 * 256 * 10, 3 * 256 * 10 + 3)).size).toBe(1);
    expect([...seen.subarray(0, 768)]).toEqual([...seen.subarray(255 * 768)]);
    expect(127.5 * (seen[3 * (128 * 256 + 200)]! + 1)).toBeCloseTo(20 + 0.1 * ((200.5 * 2000) / 256), -0.5);
  });
});

test("boxes that cover each other are one face, the surest first", () => {
  const face = (x: number, score: number) => ({
    centre: [x, 50] as const,
    width: 40,
    height: 40,
    score,
    eyes: [
      [x - 8, 45],
      [x + 8, 45],
    ] as const,
  });
  const faces = merged([face(50, 0.6), face(54, 0.9), face(150, 0.7)]);
  expect(faces.map(({ score }) => score)).toEqual([0.9, 0.7]);
  expect(faces[0]!.centre[0]).toBeCloseTo((50 * 0.6 + 54 * 0.9) / 1.5, 9);
});

test("an even picture, one of a pixel and a thin one have no face", async () => {
  for (const picture of [grey(300, 200), grey(1, 1), grey(2000, 3)]) expect(await detector.detect(picture)).toEqual([]);
});

test("is told to stop", async () => {
  await expect(detector.detect(grey(64, 64), { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
});

describe.skipIf(!hasFaces)("real faces (CK+, FER_DATA)", () => {
  const files = hasFaces ? ["0", "3", "4", "6"].map((c) => join(data, c, readdirSync(join(data, c)).sort()[0]!)) : [];

  test.each([
    [1, 0],
    [0.3, 20],
    [0.6, -35],
  ])("are found at scale %d turned by %d degrees, with both eyes where they are", async (scale, degrees) => {
    for (const file of files) {
      const upright = await readPicture(file);
      const reference = (await find(upright, { scale: 1, degrees: 0 })).face;
      const { face, place } = await find(upright, { scale, degrees });
      const size = reference.box.width * scale;
      for (const [i, eye] of reference.eyes!.entries()) {
        const [x, y] = place([eye[0] - 128, eye[1] - 128]);
        expect(Math.hypot(face.eyes![i]![0] - x, face.eyes![i]![1] - y) / size).toBeLessThan(0.12);
      }
    }
  });

  /** The one face of a frame that was put into a wide grey picture. */
  async function find(
    frame: Picture,
    { scale, degrees }: { scale: number; degrees: number },
  ): Promise<{ face: Face; place: (point: readonly [number, number]) => [number, number] }> {
    const turn = (degrees * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
    const [x, y] = [256 - cos * 128 + sin * 128, 256 - sin * 128 - cos * 128];
    const picture = warpArea(frame, { matrix: [cos, -sin, x, sin, cos, y], side: 512 });
    const faces = await detector.detect(picture);
    expect(faces).toHaveLength(1);
    return { face: faces[0]!, place: ([u, v]) => [cos * u - sin * v + x, sin * u + cos * v + y] };
  }
});
