/** A picture at its size, half of it, a quarter ..., so that parts of it can be shown small without losing pixels. */
import { halved, type Picture, warpArea } from "@fer/core/pixels";
import { EDGE } from "./network.js";
import type { Window } from "./windows.js";

export class Pyramid {
  readonly #levels: Picture[];

  constructor(picture: Picture) {
    this.#levels = [picture];
  }

  /** Writes what a window shows, as the network takes it: `[256, 256, 3]` of -1..1, the edges repeated outside. */
  look(window: Window, into: Float32Array): void {
    const level = Math.max(0, Math.floor(Math.log2(window.side / EDGE)));
    const picture = this.#level(level);
    const share = 2 ** -level;
    const scale = EDGE / (window.side * share);
    const [cos, sin] = [Math.cos(window.turn) * scale, Math.sin(window.turn) * scale];
    const [x, y] = [window.centre[0] * share, window.centre[1] * share];
    const matrix = [cos, sin, EDGE / 2 - cos * x - sin * y, -sin, cos, EDGE / 2 + sin * x - cos * y] as const;
    const { data, channels } = warpArea(picture, { matrix, side: EDGE });
    for (let i = 0, at = 0; at < into.length; i += channels, at += 3) {
      for (let c = 0; c < 3; c++) into[at + c] = data[i + (channels === 3 ? c : 0)]! / 127.5 - 1;
    }
  }

  #level(level: number): Picture {
    while (this.#levels.length <= level && Math.min(this.#levels.at(-1)!.width, this.#levels.at(-1)!.height) > 1)
      this.#levels.push(halved(this.#levels.at(-1)!));
    return this.#levels[Math.min(level, this.#levels.length - 1)]!;
  }
}
