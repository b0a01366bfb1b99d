/** What is done to an image before the network sees it: by itself, from `model.json` alone, and in a run. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyedRandom } from "@fer/core";
import { ModelInfo, type PreprocessingStep, preprocessingSteps } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, loadKerasModel, prepareInput, type Run } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import type { Tensor } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { predictorOf } from "../../dist/predict/predict.js";
import { tinySet } from "../tiny-set.ts";

const plain = { size: 4, channels: 1, standardize: false, views: 1, scale: 1, offset: 0 } as const;
const noise = (count: number, key = "noise"): Uint8Array => {
  const random = keyedRandom(1, key);
  return Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
};

describe("prepareInput", () => {
  test("scales pixels", () => {
    const { shape, views } = prepareInput(noise(32), { ...plain, scale: 1 / 127.5, offset: -1 });
    expect(shape).toEqual([2, 4, 4, 1]);
    expect(views).toEqual([Float32Array.from(noise(32), (pixel) => pixel / 127.5 - 1)]);
  });

  test("standardises each image by itself, and leaves those that it was given as they are", () => {
    const images = noise(32);
    const [view] = prepareInput(images, { ...plain, standardize: true }).views;
    for (const image of [view!.subarray(0, 16), view!.subarray(16)]) {
      const mean = image.reduce((sum, pixel) => sum + pixel, 0) / 16;
      expect(Math.abs(mean - 128)).toBeLessThan(3);
      expect(Math.sqrt(image.reduce((sum, pixel) => sum + (pixel - mean) ** 2, 0) / 16)).toBeCloseTo(56, -0.5);
    }
    expect(images).toEqual(noise(32));
  });

  test("two views are the image and its mirror image", () => {
    const { views } = prepareInput(Uint8Array.of(1, 3, 10, 30), { ...plain, size: 2, views: 2 });
    expect(views).toEqual([Float32Array.of(1, 3, 10, 30), Float32Array.of(3, 1, 30, 10)]);
  });

  test("ten views move by 1/32 of the edge", () => {
    const image = new Uint8Array(32 * 32).fill(10, 32, 64);
    const { views } = prepareInput(image, { ...plain, size: 32, views: 10 });
    expect(views.map((view) => view.findIndex((pixel) => pixel === 10) / 32)).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 2, 2]);
  });

  test("of a crop, views are the centre one, then those in the corners, each with its mirror image", () => {
    const image = Uint8Array.from({ length: 16 }, (_, at) => at);
    const crop = { ...plain, crop: 2 };
    expect(prepareInput(image, { ...crop, views: 1 })).toEqual({
      shape: [1, 2, 2, 1],
      views: [Float32Array.of(5, 6, 9, 10)],
    });
    const { views } = prepareInput(image, { ...crop, views: 10 });
    expect(views.map((view) => Array.from(view))).toEqual([
      [5, 6, 9, 10],
      [6, 5, 10, 9],
      [0, 1, 4, 5],
      [1, 0, 5, 4],
      [2, 3, 6, 7],
      [3, 2, 7, 6],
      [8, 9, 12, 13],
      [9, 8, 13, 12],
      [10, 11, 14, 15],
      [11, 10, 15, 14],
    ]);
  });

  test("takes whole grey levels from floating point", () => {
    expect(prepareInput(Float32Array.of(0.2, 254.6, 7, 8), { ...plain, size: 2 }).views[0]).toEqual(
      Float32Array.of(0, 255, 7, 8),
    );
    // A black picture.
    expect(prepareInput(new Float32Array(4), { ...plain, size: 2 }).views[0]).toEqual(new Float32Array(4));
  });

  test("refuses what is not whole images, or no raw pixels", () => {
    const failure = (images: Uint8Array | Float32Array) => () => prepareInput(images, { ...plain, size: 2 });
    expect(failure(new Uint8Array(5))).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: images: 5 values. Expected a multiple of 4: images of 2 x 2 x 1, one after another. Cut out the face, make it grey and resize it first; the bytes of a picture file are passed as a Buffer.]`,
    );
    expect(failure(Float32Array.of(0, 1, 0.5, 0.25))).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: images: values of 0 to 1. Expected raw grey levels of 0 to 255. Pass the pixels as they are; standardising and scaling is done here.]`,
    );
    expect(failure(Float32Array.of(0, 256, 0, 0))).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: images: a value of 256. Expected raw grey levels of 0 to 255. Pass the pixels as they are; standardising and scaling is done here.]`,
    );
    expect(failure(Float32Array.of(0, NaN, 0, 0))).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: images: a value of NaN. Expected raw grey levels of 0 to 255. Pass the pixels as they are; standardising and scaling is done here.]`,
    );
    expect(failure(Float32Array.of(-1, 1, 0, 0))).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: images: a value of -1. Expected raw grey levels of 0 to 255. Pass the pixels as they are; standardising and scaling is done here.]`,
    );
  });
});

/** The steps of a `model.json`, done by what they say alone, for one grey image. */
function followed(image: Uint8Array, steps: readonly PreprocessingStep[]): number[][] {
  let views: number[][] = [[...image]];
  let size = 0;
  for (const step of steps) {
    if (step.step === "resize") size = step.width;
    if (step.step === "standardize") {
      const [least, most] = step.clip;
      views = views.map((view) => {
        const mean = view.reduce((a, b) => a + b, 0) / view.length;
        const deviation = Math.sqrt(view.reduce((sum, pixel) => sum + (pixel - mean) ** 2, 0) / view.length);
        const moved = view.map((pixel) => ((pixel - mean) / deviation) * step.deviation + step.mean);
        return moved.map((pixel) => Math.min(most, Math.max(least, Math.round(pixel))));
      });
    }
    if (step.step === "views") {
      const edge = (at: number) => Math.min(size - 1, Math.max(0, at));
      views = views.flatMap((view) =>
        step.shifts.flatMap(([right, down]) =>
          step.mirror.map((mirrored) =>
            view.map((_, at) => {
              const column = mirrored ? size - 1 - (at % size) : at % size;
              const [x, y] = [edge(column - right * size), edge(Math.floor(at / size) - down * size)];
              const [left, top] = [Math.floor(x), Math.floor(y)];
              const pixel = (row: number, c: number) => view[edge(row) * size + edge(c)]!;
              const mix = (row: number) => pixel(row, left) * (1 - x + left) + pixel(row, left + 1) * (x - left);
              return Math.round(mix(top) * (1 - y + top) + mix(top + 1) * (y - top));
            }),
          ),
        ),
      );
    }
    if (step.step === "crops") {
      const { width, height } = step;
      views = views.flatMap((view) =>
        step.places.flatMap(([left, top]) =>
          step.mirror.map((mirrored) =>
            Array.from({ length: width * height }, (_, at) => {
              const column = mirrored ? width - 1 - (at % width) : at % width;
              return view[(top + Math.floor(at / width)) * size + left + column]!;
            }),
          ),
        ),
      );
    }
    if (step.step === "scale") views = views.map((view) => view.map((pixel) => pixel * step.factor + step.offset));
  }
  return views;
}

test.each([{ views: 10 }, { views: 1, crop: 40 }, { views: 2, crop: 41 }, { views: 10, crop: 40 }] as const)(
  "the steps of model.json say all that is done: %j",
  (settings) => {
    const model = { ...plain, size: 48, standardize: true, scale: 1 / 127.5, offset: -1, ...settings } as const;
    const image = noise(48 * 48);
    const theirs = followed(image, preprocessingSteps({ ...model, fit: "stretch" }));
    const { views } = prepareInput(image, model);
    expect(theirs.length).toBe(views.length);
    // Rounding of a pixel may differ by one grey level.
    const worst = views.map((view, at) => Math.max(...view.map((value, i) => Math.abs(value - theirs[at]![i]!))));
    expect(Math.max(...worst)).toBeLessThan(1.01 / 127.5);
  },
);

describe("of a run", () => {
  let folder: string;
  let set: AssembledSet;
  let whole: Run;
  let cropped: Run;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fer-input-"));
    set = await tinySet(join(folder, "set"), { size: 16 });
    const options = { architecture: "tiny", engine: "cpu", epochs: 2, batchSize: 16, report: false } as const;
    whole = await new FerTrainer({ ...options, to: join(folder, "run") }).fit(set);
    cropped = await new FerTrainer({ ...options, crop: 12, to: join(folder, "cropped") }).fit(set);
  });
  afterAll(async () => {
    set.close();
    await rm(folder, { recursive: true });
  });

  test("model.json has the steps", async () => {
    const model = ModelInfo.parse(JSON.parse(await readFile(join(whole.folder, "model.json"), "utf8")));
    expect(model.preprocessing).toMatchInlineSnapshot(`
      [
        {
          "channels": 1,
          "fit": "stretch",
          "height": 16,
          "step": "resize",
          "width": 16,
        },
        {
          "clip": [
            0,
            255,
          ],
          "deviation": 56,
          "mean": 128,
          "step": "standardize",
        },
        {
          "combine": "mean",
          "mirror": [
            false,
            true,
          ],
          "shifts": [
            [
              0,
              0,
            ],
            [
              -0.03125,
              0,
            ],
            [
              0.03125,
              0,
            ],
            [
              0,
              -0.03125,
            ],
            [
              0,
              0.03125,
            ],
          ],
          "step": "views",
        },
        {
          "factor": 0.00784313725490196,
          "offset": -1,
          "step": "scale",
        },
      ]
    `);
    expect(model.preprocessing).toEqual(preprocessingSteps({ ...model, fit: set.info.image.fit }));
  });

  test("a run of crops says so, in model.json and in its steps", async () => {
    const model = ModelInfo.parse(JSON.parse(await readFile(join(cropped.folder, "model.json"), "utf8")));
    expect(model).toMatchObject({ size: 16, crop: 12, views: 10 });
    expect(model.preprocessing).toEqual(preprocessingSteps({ ...model, fit: set.info.image.fit }));
    expect(model.preprocessing![2]).toMatchObject({
      step: "crops",
      width: 12,
      places: expect.arrayContaining([[2, 2]]),
    });
  });

  test("a run of crops evaluates as it tested, and refuses squares as large as the images", async () => {
    const { accuracy, loss } = await cropped.evaluate(set);
    expect({ accuracy, loss }).toEqual({ accuracy: cropped.metrics!.accuracy, loss: cropped.metrics!.loss });
    const trainer = new FerTrainer({ architecture: "tiny", engine: "cpu", crop: 16, to: join(folder, "refused") });
    await expect(trainer.fit(set)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: crop: squares of 16 x 16 of images of 16 x 16. Expected less than 16. Lower crop, leave it out for whole images, or assemble the set in a larger size.]`,
    );
  });

  test.each(["whole images", "crops"])(
    "the network alone predicts what the run does, fed by prepareInput: %s",
    async (of) => {
      const run = of === "crops" ? cropped : whole;
      const faces = await set.part("test").read([0, 1, 2, 3]);
      const network = await loadKerasModel(join(run.folder, `${run.outcome!.weights}.h5`));
      const { shape, views } = prepareInput(faces, run.model!);
      const sums = tf.tidy(() => {
        const each = views.map((view) => network.predict(tf.tensor(view, shape)) as Tensor);
        return Array.from(tf.addN(each).div(each.length).dataSync());
      });
      const predicted = (await run.predict(faces)).flatMap(({ probabilities }) => Object.values(probabilities));
      expect(Math.max(...predicted.map((p, at) => Math.abs(p - sums[at]!)))).toBeLessThan(1e-6);
      network.dispose();
    },
  );
});

test("a predictor averages over views: asks for those of a few faces at once, and of many one after another", async () => {
  const asked: number[][] = [];
  const step = {
    predict: (inputs: Uint8Array | Float32Array, count: number) => {
      asked.push([...inputs]);
      return Promise.resolve(Float32Array.from({ length: count }, (_, i) => inputs[(i * inputs.length) / count]!));
    },
  };
  const predictor = predictorOf(step, { ...plain, size: 2, views: 2 });
  const [two, mirrored] = [
    [1, 3, 10, 30, 5, 6, 7, 9],
    [3, 1, 30, 10, 6, 5, 9, 7],
  ];
  const means = [(1 + 3) / 2, (5 + 6) / 2];
  expect(await predictor.predict(Uint8Array.from(two), 2)).toEqual(Float32Array.from(means));
  expect(asked.splice(0)).toEqual([[...two, ...mirrored]]);
  const times = (values: readonly number[]): number[] => Array.from({ length: 4 }, () => values).flat();
  expect(await predictor.predict(Uint8Array.from(times(two)), 8)).toEqual(Float32Array.from(times(means)));
  expect(asked).toEqual([times(two), times(mirrored)]);
});
