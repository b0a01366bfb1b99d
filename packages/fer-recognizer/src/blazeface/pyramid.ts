/** A picture at its size, half of it, a quarter ..., so that parts of it can be shown small without losing pixels. */
import { halved, type Picture } from "@fer/core/pixels";
import { EDGE } from "./network.js";
import type { Window } from "./windows.js";

export class Pyramid {
  readonly #levels: Picture[];

  constructor(picture: Picture) {
    this.#levels = [picture];
  }

  /**
   * Writes what a window shows, as the network takes it: `[256, 256, 3]` of -1..1, the edges repeated outside; bilinear, in
   * the level whose pixels are nearest to those of the window in size.
   */
  look(window: Window, into: Float32Array): void {
    const level = this.#make(Math.max(0, Math.round(Math.log2(window.side / EDGE))));
    const share = 2 ** -level;
    const scale = (window.side / EDGE) * share;
    const [cos, sin] = [Math.cos(window.turn) * scale, Math.sin(window.turn) * scale];
    const half = EDGE / 2 - 0.5;
    sample(this.#levels[level]!, {
      into,
      start: [window.centre[0] * share - (cos - sin) * half - 0.5, window.centre[1] * share - (sin + cos) * half - 0.5],
      right: [cos, sin],
      below: [-sin, cos],
    });
  }

  /** The level of this number, or the last one that can be made. */
  #make(level: number): number {
    const levels = this.#levels;
    for (
      let last = levels.at(-1)!;
      levels.length <= level && Math.min(last.width, last.height) > 1;
      last = levels.at(-1)!
    )
      levels.push(halved(last));
    return Math.min(level, levels.length - 1);
  }
}

/** Places in pixels of a picture, the centre of its first one being at 0, 0. */
interface Grid {
  /** `[256, 256, 3]` */
  into: Float32Array;
  /** Where the first pixel lies, and how far it is from each to the next in its row and in its column. */
  start: readonly [number, number];
  right: readonly [number, number];
  below: readonly [number, number];
}

function sample({ width, height, channels, data }: Picture, { into, start, right, below }: Grid): void {
  const [lastColumn, lastRow] = [width - 1, height - 1];
  const stride = width * channels;
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let row = 0, to = 0; row < EDGE; row++) {
    let x = start[0] + row * below[0];
    let y = start[1] + row * below[1];
    for (let column = 0; column < EDGE; column++, to += 3, x += right[0], y += right[1]) {
      const u = x < 0 ? 0 : x > lastColumn ? lastColumn : x;
      const v = y < 0 ? 0 : y > lastRow ? lastRow : y;
      const [left, top] = [Math.trunc(u), Math.trunc(v)];
      const [dx, dy] = [u - left, v - top];
      const a = top * stride + left * channels;
      const b = left < lastColumn ? a + channels : a;
      const c = top < lastRow ? a + stride : a;
      const d = c + b - a;
      const wa = ((1 - dx) * (1 - dy)) / 127.5;
      const wb = (dx * (1 - dy)) / 127.5;
      const wc = ((1 - dx) * dy) / 127.5;
      const wd = (dx * dy) / 127.5;
      into[to] = wa * data[a]! + wb * data[b]! + wc * data[c]! + wd * data[d]! - 1;
      into[to + 1] = wa * data[a + green]! + wb * data[b + green]! + wc * data[c + green]! + wd * data[d + green]! - 1;
      into[to + 2] = wa * data[a + blue]! + wb * data[b + blue]! + wc * data[c + blue]! + wd * data[d + blue]! - 1;
    }
  }
}
