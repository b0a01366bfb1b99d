/**
 * What a video showed over time, in memory that does not grow with it: means over spans of time, which become twice as
 * long whenever there are too many.
 */
import type { TimelinePoint } from "@fer/model";
import type { TrackedFace } from "@fer/recognizer";

/** Spans of a face that are kept. */
const MOST_SPANS = 600;
/** Faces that are drawn: those that were seen longest. */
const MOST_FACES = 8;
/** Seconds of the first spans. */
const SHORTEST = 0.02;

interface Span {
  frames: number;
  sums: Record<string, number>;
}

/** A face through the whole video. */
export interface FaceStory {
  track: number;
  /** Seconds of the first and the last frame. */
  from: number;
  to: number;
  frames: number;
  /** Means over its frames. */
  probabilities: Record<string, number>;
}

interface Story extends Span {
  from: number;
  to: number;
  spans: Map<number, Span>;
}

export class Timeline {
  readonly #stories = new Map<number, Story>();
  #width = SHORTEST;

  add(time: number, faces: readonly TrackedFace[]): void {
    for (const { track, probabilities } of faces) {
      const story = this.#stories.get(track) ?? { from: time, to: time, frames: 0, sums: {}, spans: new Map() };
      this.#stories.set(track, story);
      story.to = time;
      addTo(story, { frames: 1, sums: probabilities });
      const at = Math.floor(time / this.#width);
      addTo(spanAt(story.spans, at), { frames: 1, sums: probabilities });
      if (story.spans.size > MOST_SPANS) this.#widen();
    }
  }

  /** Faces that were followed, those first that were in most frames. */
  faces(): FaceStory[] {
    return [...this.#stories]
      .map(([track, { from, to, frames, sums }]) => ({
        track,
        from,
        to,
        frames,
        probabilities: meanOf({ frames, sums }),
      }))
      .toSorted((a, b) => b.frames - a.frames || a.track - b.track);
  }

  /** What a chart shows, by face and time. */
  points(): TimelinePoint[] {
    return this.faces()
      .slice(0, MOST_FACES)
      .flatMap(({ track }) =>
        [...this.#stories.get(track)!.spans]
          .toSorted(([a], [b]) => a - b)
          .map(([at, span]) => ({ track, time: (at + 0.5) * this.#width, probabilities: meanOf(span) })),
      );
  }

  #widen(): void {
    this.#width *= 2;
    for (const story of this.#stories.values()) {
      const wider = new Map<number, Span>();
      for (const [at, span] of story.spans) addTo(spanAt(wider, at >> 1), span);
      story.spans = wider;
    }
  }
}

function spanAt(spans: Map<number, Span>, at: number): Span {
  const known = spans.get(at) ?? { frames: 0, sums: {} };
  spans.set(at, known);
  return known;
}

function addTo(span: Span, { frames, sums }: Readonly<Span>): void {
  span.frames += frames;
  for (const [name, value] of Object.entries(sums)) span.sums[name] = (span.sums[name] ?? 0) + value;
}

const meanOf = ({ frames, sums }: Span): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / frames]));
