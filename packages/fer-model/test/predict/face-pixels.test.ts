/** Pictures of faces in all forms that `Run.predict` takes, against the pixels that they hold. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyedRandom } from "@fer/core";
import type { AssembledSet } from "@fer/core/set";
import { encodePng, preparePicture } from "@fer/dataset-extractors/image";
import { type DecodedPicture, type FaceImages, FerTrainer, type Run } from "@fer/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { facePixels } from "../../dist/predict/face-pixels.js";
import { tinySet } from "../tiny-set.ts";

let folder: string;
let set: AssembledSet;
let run: Run;

const random = keyedRandom(1, "faces");
const face = (width: number, height: number): DecodedPicture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, () => Math.floor(random() * 256)),
});
const [wide, tall] = [face(20, 12), face(9, 16)];
const model = { size: 8, channels: 1 } as const;
const pixelsOf = (...faces: DecodedPicture[]) =>
  Uint8Array.from(faces.flatMap((one) => Array.from(preparePicture(one, { ...model, fit: "stretch" }))));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-faces-"));
  for (const [name, picture] of Object.entries({ wide, tall })) {
    await writeFile(join(folder, `${name}.png`), encodePng(picture));
  }
  set = await tinySet(join(folder, "set"));
  const options = { architecture: "tiny", engine: "cpu", epochs: 1, batchSize: 16, report: false } as const;
  run = await new FerTrainer({ ...options, to: join(folder, "run") }).fit(set);
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const file = (name: string): string => join(folder, name);
const forms: [string, () => FaceImages, DecodedPicture[]][] = [
  ["a path", () => file("wide.png"), [wide]],
  ["the bytes of a file", () => Buffer.from(encodePng(tall)), [tall]],
  ["a decoded picture", () => wide, [wide]],
  ["a list of all of them", () => [file("tall.png"), Buffer.from(encodePng(wide)), tall], [tall, wide, tall]],
  ["raw pixels", () => pixelsOf(wide, tall), [wide, tall]],
  ["raw pixels in floating point", () => Float32Array.from(pixelsOf(tall)), [tall]],
];

test.each(forms)("%s", async (_, images, faces) => {
  expect(await facePixels(images(), { model, fit: "stretch" })).toEqual(pixelsOf(...faces));
  expect(await run.pixels(images())).toEqual(pixelsOf(...faces));
  expect(await run.predict(images())).toEqual(await run.predict(pixelsOf(...faces)));
});

test("pictures are made square as those of the set were", async () => {
  const padded = await facePixels(wide, { model, fit: "pad" });
  expect(padded).toEqual(preparePicture(wide, { ...model, fit: "pad" }));
  expect(padded).not.toEqual(pixelsOf(wide));
  expect(await run.pixels(wide, { fit: "pad" })).toEqual(padded);
});

test("says what may not be a face", async () => {
  const ramp = Uint8Array.from({ length: 64 }, (_, i) => (i % 8) * 30);
  const [blank, noise, other] = await run.predict(Uint8Array.of(...new Uint8Array(64), ...face(8, 8).data, ...ramp));
  expect([blank?.doubt, noise?.doubt, other?.doubt]).toEqual(["blank", "noise", "no-face"]);
});

test("RGB models take RGB", async () => {
  const rgb: DecodedPicture = {
    width: 2,
    height: 2,
    channels: 3,
    data: Uint8Array.from({ length: 12 }, (_, i) => i * 20),
  };
  expect(await facePixels(rgb, { model: { size: 2, channels: 3 }, fit: "stretch" })).toEqual(rgb.data);
});

const failure = async (images: FaceImages): Promise<string> =>
  String(await run.predict(images).catch((error: unknown) => error)).replaceAll(folder, "<folder>");

test("says which picture it cannot read", async () => {
  expect(await failure(file("nobody.png"))).toMatchInlineSnapshot(
    `"DatasetError: <folder>/nobody.png: the file is missing. Expected a whole picture that can be decoded."`,
  );
  await writeFile(file("text.png"), "no picture");
  expect(await failure([file("wide.png"), file("text.png")])).toMatchInlineSnapshot(
    `"DatasetError: <folder>/text.png: not an image of a known format, or cut off within its header. Expected a whole picture that can be decoded."`,
  );
  expect(await failure(Buffer.from(encodePng(wide)).subarray(0, 80))).toMatchInlineSnapshot(
    `"DatasetError: picture: it cannot be read (it is cut off). Expected a whole picture that can be decoded."`,
  );
});

test("takes a Buffer for a file, and an array for pixels", async () => {
  expect(await failure(Buffer.from(pixelsOf(wide)))).toMatchInlineSnapshot(
    `"DatasetError: picture: not an image of a known format, or cut off within its header. Expected a whole picture that can be decoded."`,
  );
  expect(await failure(new Uint8Array(encodePng(wide)))).toMatchInlineSnapshot(
    `"OptionsError: images: the bytes of a picture file as an array of pixels. Expected raw pixels, or a Buffer. Pass the file as Buffer.from(bytes)."`,
  );
  expect(await failure([])).toMatchInlineSnapshot(`"OptionsError: images: an empty list. Expected at least one."`);
});
