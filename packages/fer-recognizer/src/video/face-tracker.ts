/**
 * Which faces of one frame are those of the frame before: pairs of boxes that overlap most come first, as in SORT (Bewley
 * et al., Simple Online and Realtime Tracking, ICIP 2016) without its motion model.
 */
import type { Box } from "@fer/core/image-folder";
import { overlapOf } from "@fer/core/pixels";

/** Intersection over union that two boxes of one face have at least. */
const LEAST_OVERLAP = 0.3;
/** Seconds, and frames, for which a face may be out of sight. */
const PATIENCE = { seconds: 1, frames: 2 } as const;

interface Track {
  number: number;
  box: Box;
  /** When it was last seen. */
  time: number;
  /** Frames since then. */
  missed: number;
}

/**
 * Follows faces through frames in their order.
 *
 * @example
 * ```ts
 * import { FaceTracker } from "@fer/recognizer";
 *
 * const tracker = new FaceTracker();
 * const face = (x: number) => ({ box: { x, y: 10, width: 40, height: 40 } });
 * console.log(tracker.follow([face(10), face(100)], 0)); // [ 1, 2 ]
 * console.log(tracker.follow([face(104), face(12)], 0.04)); // [ 2, 1 ]
 * ```
 */
export class FaceTracker {
  #tracks: Track[] = [];
  #count = 0;

  /** Numbers of the faces of the next frame, from 1; a face that is new has the next number. */
  follow(faces: readonly { box: Box }[], time: number): number[] {
    const pairs = this.#tracks
      .flatMap((track) => faces.map(({ box }, at) => ({ track, at, shared: overlapOf(track.box, box) })))
      .filter(({ shared }) => shared >= LEAST_OVERLAP)
      .toSorted((a, b) => b.shared - a.shared);
    const own = new Map<number, Track>();
    const taken = new Set<Track>();
    for (const { track, at } of pairs) {
      if (own.has(at) || taken.has(track)) continue;
      own.set(at, track);
      taken.add(track);
    }
    for (const track of this.#tracks) track.missed += 1;
    const numbers = faces.map(({ box }, at) => {
      const track = own.get(at) ?? { number: ++this.#count, box, time, missed: 0 };
      if (!own.has(at)) this.#tracks.push(track);
      Object.assign(track, { box, time, missed: 0 });
      return track.number;
    });
    this.#tracks = this.#tracks.filter(
      (track) => track.missed <= PATIENCE.frames || time - track.time <= PATIENCE.seconds,
    );
    return numbers;
  }
}
