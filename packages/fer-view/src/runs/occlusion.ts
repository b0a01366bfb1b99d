/**
 * What a network looks at in a face: patches of it are covered with its mean grey level, one at a time, and the less
 * probable the prediction becomes, the more it rests on what was covered (Zeiler and Fergus, Visualizing and understanding
 * convolutional networks, 2014). It needs nothing of the network but its answers: the same on every engine.
 */
import { HttpProblem } from "@fer/core/http";
import { foldFolder } from "@fer/core/run";
import { FacePredictor, openRun } from "@fer/model";
import { join } from "node:path";
import type { OcclusionAnswer } from "../protocol.js";
import type { OpenSets } from "../sets/open-sets.js";
import type { Tested } from "./tested-runs.js";

/** Patches beside each other that would fill a face. */
const PATCHES = 6;
/** A patch moves by this part of its edge. */
const STEP = 2;

interface Image {
  /** `[size, size, channels]` */
  pixels: Uint8Array;
  size: number;
  channels: number;
}

/** Places of patches along an edge: even steps, the last one at the end. */
export function patchPlaces(size: number): { patch: number; places: number[] } {
  const patch = Math.max(1, Math.round(size / PATCHES));
  const step = Math.max(1, Math.round(patch / STEP));
  const last = size - patch;
  const places = Array.from({ length: Math.ceil(last / step) + 1 }, (_, at) => Math.min(last, at * step));
  return { patch, places: [...new Set(places)] };
}

/** The image, once with each patch covered: row by row. */
export function coveredCopies({ pixels, size, channels }: Image): Uint8Array {
  const { patch, places } = patchPlaces(size);
  const grey = Math.round(pixels.reduce((sum, level) => sum + level, 0) / pixels.length);
  const copies = new Uint8Array(places.length ** 2 * pixels.length);
  for (const [at, [top, left]] of places.flatMap((y) => places.map((x) => [y, x] as const)).entries()) {
    const copy = copies.subarray(at * pixels.length, (at + 1) * pixels.length);
    copy.set(pixels);
    for (let y = top; y < top + patch; y++)
      copy.fill(grey, (y * size + left) * channels, (y * size + left + patch) * channels);
  }
  return copies;
}

/** By pixel, the mean of what the patches that cover it take away; `[size, size]`. */
export function heatOf(drops: readonly number[], size: number): number[] {
  const { patch, places } = patchPlaces(size);
  const sums = new Float64Array(size * size);
  const counts = new Uint16Array(size * size);
  for (const [at, [top, left]] of places.flatMap((y) => places.map((x) => [y, x] as const)).entries()) {
    for (let y = top; y < top + patch; y++)
      for (let x = left; x < left + patch; x++) {
        sums[y * size + x]! += drops[at]!;
        counts[y * size + x]! += 1;
      }
  }
  return Array.from(sums, (sum, at) => sum / counts[at]!);
}

/** Asks the networks of runs about covered faces, one after another; the last network stays loaded. */
export class Occlusions {
  readonly #sets: OpenSets;
  #loaded: { key: string; predictor: FacePredictor } | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(sets: OpenSets) {
    this.#sets = sets;
  }

  /**
   * The map of one tested face.
   *
   * @throws HttpProblem 404 where the face is not there to be looked at; EngineError where nothing can run the network
   */
  async map(tested: Tested, at: number): Promise<OcclusionAnswer> {
    const place = tested.places?.[at];
    if (place === undefined || tested.set === null)
      throw new HttpProblem(404, { code: "NO_FACE", message: "The set of the run is not in the folder that is shown" });
    const part = (await this.#sets.get(tested.set)).part(place.part);
    const [size, , channels] = part.shape;
    const image = { pixels: await part.read([place.row]), size, channels };
    const { folder } = tested;
    const home = place.fold === null ? folder : join(folder, foldFolder(place.fold));
    const expression = tested.classes[tested.predicted[at]!]!;
    return this.#alone(async () => mapOf(await this.#predictor(home), { image, expression }));
  }

  close(): void {
    this.#isClosed = true;
    void this.#alone(async () => this.#loaded?.predictor.dispose());
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #predictor(folder: string): Promise<FacePredictor> {
    if (this.#isClosed) throw new HttpProblem(503, { code: "CLOSED", message: "fer view ends" });
    const run = await openRun(folder);
    const key = `${folder} ${JSON.stringify(run.config.data)} ${run.outcome?.epochs}`;
    if (this.#loaded?.key === key) return this.#loaded.predictor;
    this.#loaded?.predictor.dispose();
    this.#loaded = null;
    const whole = await run.predictor();
    // One view of each covered face: a tenth of the time, and the map is about the face as it is.
    const { model, fit, step } = whole;
    const predictor = new FacePredictor({
      model: { ...model, views: 1 },
      fit,
      step,
      dispose: () => whole.dispose(),
    });
    this.#loaded = { key, predictor };
    return predictor;
  }
}

/** @param expression What the run says of the face. */
async function mapOf(
  predictor: FacePredictor,
  { image, expression }: { image: Image; expression: string },
): Promise<OcclusionAnswer> {
  const [whole] = await predictor.predict(image.pixels);
  const confidence = whole!.probabilities[expression]!;
  const covered = await predictor.predict(coveredCopies(image));
  const drops = covered.map(({ probabilities }) => confidence - probabilities[expression]!);
  return { size: image.size, expression, confidence, heat: heatOf(drops, image.size), most: Math.max(...drops) };
}
