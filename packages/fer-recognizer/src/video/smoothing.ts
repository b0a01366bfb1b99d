/**
 * Probabilities of a face that change slowly: an exponential mean over time, whose weights do not depend on how many
 * frames there are. With the time constant s, what was seen t seconds ago has the weight exp(-t / s).
 */
import type { Prediction } from "@fer/core/inference";

interface State {
  time: number;
  probabilities: Record<string, number>;
}

/** Smooths what is said of faces, each by the number of its track. */
export class Smoothing {
  readonly #seconds: number;
  readonly #states = new Map<number, State>();

  /** @param seconds Time constant, above 0. */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** The same face with smoothed probabilities; expression and confidence follow from them. */
  next<Face extends Prediction>(face: Face, { track, time }: { track: number; time: number }): Face {
    const before = this.#states.get(track);
    const keep = before === undefined ? 0 : Math.exp((before.time - time) / this.#seconds);
    const probabilities = Object.fromEntries(
      Object.entries(face.probabilities).map(([name, share]) => [
        name,
        keep === 0 ? share : keep * before!.probabilities[name]! + (1 - keep) * share,
      ]),
    );
    this.#states.set(track, { time, probabilities });
    const [expression, confidence] = Object.entries(probabilities).reduce((best, each) =>
      each[1] > best[1] ? each : best,
    );
    return keep === 0 ? face : { ...face, expression, confidence, probabilities };
  }

  /** Forgets faces that have not been seen for so long that nothing of them is left. */
  forget(time: number): void {
    for (const [track, state] of this.#states)
      if (time - state.time > GONE * this.#seconds + 1) this.#states.delete(track);
  }
}

/** Time constants after which a weight is below a ten-thousandth. */
const GONE = 10;
