/**
 * Faces by BlazeFace, in pictures of any size. The network knows faces that have a tenth of its picture or more, and
 * stand upright within some 30 degrees; so it looks
 *
 *     1  at the whole picture, then at smaller windows of it that overlap, for faces down to `smallest`; where `turned`, at
 *        each of them turned by 45 degrees both ways too
 *     2  at each place that might be a face once more, twice as large as that and turned upright by its eyes: what is no
 *        face is seldom found again, and box and eyes are told best there
 */
import type { Picture } from "@fer/core/pixels";
import type { DetectOptions, Face, FaceDetector, Point } from "../face-detector.js";
import { type Candidate, candidatesOf } from "./anchors.js";
import { blended, merged } from "./merge.js";
import { BlazeFaceNetwork, type Compile, EDGE, type NetworkOutput } from "./network.js";
import { Pyramid } from "./pyramid.js";
import { type Window, windowsOf } from "./windows.js";

export interface BlazeFaceOptions {
  /** Width of the smallest face that is looked for, in pixels; default 24, but not below a 32nd of the longer side. */
  smallest?: number;
  /** Runs the network faster; by itself it runs op by op on the current backend of TensorFlow.js. */
  compile?: Compile;
  /** How sure the second look must be, (0, 1); default 0.72. */
  least?: number;
  /** Whether every window is turned too, which takes nearly three times as long; default false: the whole picture alone is. */
  turned?: boolean;
}

/** How sure the first look must be. */
const FIRST = 0.25;
/** Edges of the windows of the second look, by the width of the face. */
const AROUND = [1.7, 2.1, 2.6];
const TURNS = [-Math.PI / 4, Math.PI / 4];

/**
 * A detector on the backend of TensorFlow.js that is current then (`tf.setBackend`): wasm in Node, webgl or wasm in
 * browsers. Its weights are part of this package.
 *
 * @example
 * ```ts
 * import { blazeFace } from "@fer/recognizer";
 *
 * const detector = blazeFace();
 * const picture = { width: 64, height: 64, channels: 1 as const, data: new Uint8Array(64 * 64) };
 * console.log(await detector.detect(picture)); // []
 * detector.dispose();
 * ```
 */
export function blazeFace(options: BlazeFaceOptions = {}): Required<FaceDetector> {
  let network: BlazeFaceNetwork | undefined;
  return {
    name: "blazeface",
    detect: (picture, { signal, smallest = options.smallest } = {}) =>
      detect(picture, {
        network: (network ??= new BlazeFaceNetwork(options.compile)),
        options: { ...options, ...(smallest === undefined ? {} : { smallest }) },
        signal,
      }),
    dispose() {
      network?.dispose();
      network = undefined;
    },
  };
}

interface Search extends Pick<DetectOptions, "signal"> {
  network: BlazeFaceNetwork;
  options: BlazeFaceOptions;
}

async function detect(picture: Picture, { network, options, signal }: Search): Promise<Face[]> {
  const { width, height } = picture;
  const { smallest = Math.max(24, Math.max(width, height) / 32), least = 0.72, turned = false } = options;
  const pyramid = new Pyramid(picture);
  const upright = windowsOf(picture, smallest);
  // Turning the whole picture costs little.
  const tilted = (turned ? upright : upright.slice(0, 1)).flatMap(({ centre, side }) =>
    TURNS.map((turn): Window => ({ centre, side, turn })),
  );
  const windows = upright.concat(tilted);
  const looking = { network, pyramid, signal };
  const seen = await look(windows, looking);
  return merged(await lookAgain(merged(seen.flat()), { ...looking, least }))
    .toSorted((a, b) => b.width - a.width)
    .map(faceOf);
}

/** What is found again around each place: the mean of what the windows around it show, where that is sure enough. */
async function lookAgain(
  places: readonly Candidate[],
  { least, ...looking }: Looking & { least: number },
): Promise<Candidate[]> {
  const asked = places.map((place) => ({ windows: windowsAround(place), found: [] as Candidate[] }));
  // Where looks are asked for in batches, all of a place are asked for at once.
  const step = looking.network.counts.length > 1 ? AROUND.length : 1;
  for (let turn = 0; turn < AROUND.length; turn += step) {
    // those that no further look could make sure enough are left
    const open = asked.filter(({ found }) => scoresOf(found) + AROUND.length - turn >= least * AROUND.length);
    const seen = await look(
      open.flatMap(({ windows }) => windows.slice(turn, turn + step)),
      looking,
    );
    for (const [i, { found }] of open.entries())
      found.push(...seen.slice(i * step, (i + 1) * step).flatMap((faces) => faces.slice(0, 1)));
  }
  return asked.flatMap(({ found }): Candidate[] => {
    const score = scoresOf(found) / AROUND.length;
    return score < least ? [] : [{ ...blended(found), score }];
  });
}

const scoresOf = (found: readonly Candidate[]): number => found.reduce((sum, { score }) => sum + score, 0);

interface Looking extends Pick<DetectOptions, "signal"> {
  network: BlazeFaceNetwork;
  pyramid: Pyramid;
}

/** What is seen in each window; of one that was laid around a face, its middle is seen first. */
async function look(windows: readonly Window[], { network, pyramid, signal }: Looking): Promise<Candidate[][]> {
  const length = EDGE * EDGE * 3;
  const { counts } = network;
  const batch = counts.at(-1)!;
  const sizeOf = (pictures: number): number => counts.find((count) => count >= pictures)! * length;
  // While the network looks at one batch, the next one is made: two are on their way at most.
  const largest = sizeOf(Math.min(batch, windows.length));
  const memory = [new Float32Array(largest), new Float32Array(windows.length > batch ? largest : 0)];
  const answers: Promise<Candidate[][]>[] = [];
  for (let from = 0, turn = 0; from < windows.length; from += batch, turn++) {
    signal?.throwIfAborted();
    await answers[turn - 2];
    const part = windows.slice(from, from + batch);
    const pictures = memory[turn % 2]!.subarray(0, sizeOf(part.length));
    for (const [i, window] of part.entries()) pyramid.look(window, pictures.subarray(i * length, (i + 1) * length));
    answers.push(
      network.predict(pictures).then((output) => part.map((window, i) => seenIn(window, { output, picture: i }))),
    );
    // it is told below
    answers.at(-1)!.catch(() => undefined);
  }
  return (await Promise.all(answers)).flat();
}

function seenIn(window: Window, { output, picture }: { output: NetworkOutput; picture: number }): Candidate[] {
  const seen = candidatesOf(output, { picture, least: FIRST });
  const faces = window.isAround === true ? merged(seen.filter(isCentralFace)) : seen;
  return faces.map((face) => inPicture(face, window));
}

const isCentralFace = ({ centre: [x, y], width }: Candidate): boolean =>
  Math.hypot(x - EDGE / 2, y - EDGE / 2) < EDGE / 5 && width > EDGE / 5;

/** Several windows around a face, turned as it is. */
function windowsAround({ centre, width, height, eyes: [[x1, y1], [x2, y2]] }: Candidate): Window[] {
  const turn = Math.atan2(y2 - y1, x2 - x1);
  return AROUND.map((times) => ({ centre, side: times * Math.max(width, height), turn, isAround: true }));
}

/** From what a window shows to the picture. */
function inPicture(face: Candidate, { centre, side, turn }: Window): Candidate {
  const scale = side / EDGE;
  const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
  const place = ([x, y]: Point): Point => {
    const [dx, dy] = [x - EDGE / 2, y - EDGE / 2];
    return [centre[0] + cos * dx - sin * dy, centre[1] + sin * dx + cos * dy];
  };
  return {
    ...face,
    centre: place(face.centre),
    width: face.width * scale,
    height: face.height * scale,
    eyes: [place(face.eyes[0]), place(face.eyes[1])],
  };
}

function faceOf({ centre: [x, y], width, height, score, eyes }: Candidate): Face {
  return { box: { x: x - width / 2, y: y - height / 2, width, height }, score, eyes };
}
