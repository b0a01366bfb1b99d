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
import { BlazeFaceNetwork, type Compile, EDGE } from "./network.js";
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

/** Pictures that the network is given at once. */
const BATCH = 8;
/** Edges of the windows of the second look, by the width of the face. */
const AROUND = [1.7, 2.1, 2.6];
/**
 * It is given one of these numbers: a compiled network is compiled for each, as are the shaders of a GPU. Op by op, three
 * are worth it: the whole picture with its turned copies, and the second look at one face.
 */
const COUNTS = { compiled: [1, BATCH], eager: [1, AROUND.length, BATCH] };
/** How sure the first look must be. */
const FIRST = 0.25;
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
  const counts = options.compile === undefined ? COUNTS.eager : COUNTS.compiled;
  const looking = { network, pyramid, counts, signal };
  const first = merged((await look(windows, { ...looking, least: FIRST })).flat());
  const again = await look(first.flatMap(windowsAround), { ...looking, least: FIRST });
  const second = first.flatMap((_, i): Candidate[] => {
    const views = again.slice(i * AROUND.length, (i + 1) * AROUND.length).flatMap((seen) => seen.slice(0, 1));
    const score = views.reduce((sum, each) => sum + each.score, 0) / AROUND.length;
    return score < least ? [] : [{ ...blended(views), score }];
  });
  return merged(second)
    .toSorted((a, b) => b.width - a.width)
    .map(faceOf);
}

interface Looking extends Pick<DetectOptions, "signal"> {
  network: BlazeFaceNetwork;
  pyramid: Pyramid;
  least: number;
  /** Numbers of pictures that the network may be given, ascending. */
  counts: readonly number[];
}

/** What is seen in each window; of one that was laid around a face, its middle is seen first. */
async function look(
  windows: readonly Window[],
  { network, pyramid, least, counts, signal }: Looking,
): Promise<Candidate[][]> {
  const found: Candidate[][] = [];
  const length = EDGE * EDGE * 3;
  for (let from = 0; from < windows.length; from += BATCH) {
    signal?.throwIfAborted();
    const batch = windows.slice(from, from + BATCH);
    const images = new Float32Array(counts.find((count) => count >= batch.length)! * length);
    for (const [i, window] of batch.entries()) pyramid.look(window, images.subarray(i * length, (i + 1) * length));
    const output = await network.predict(images);
    for (const [i, window] of batch.entries()) {
      const seen = candidatesOf(output, { picture: i, least });
      const faces = window.isAround === true ? merged(seen.filter(isCentralFace)) : seen;
      found.push(faces.map((face) => inPicture(face, window)));
    }
  }
  return found;
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
