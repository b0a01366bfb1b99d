/** What the largest face showed in the last half minute: a line a class. */
import { inkOf, percent } from "./names.js";

const SECONDS = 30;
const [WIDTH, HEIGHT] = [300, 80];
const SVG = "http://www.w3.org/2000/svg";

export class Timeline {
  readonly #svg: SVGSVGElement;
  readonly #text: HTMLElement;
  #points: { time: number; probabilities: Record<string, number> | null }[] = [];
  #said = 0;

  constructor(svg: SVGSVGElement, text: HTMLElement) {
    this.#svg = svg;
    this.#text = text;
  }

  clear(): void {
    this.#points = [];
    this.#svg.replaceChildren();
    this.#text.textContent = "";
  }

  /** @param time In seconds. */
  add(time: number, probabilities: Record<string, number> | null): void {
    this.#points.push({ time, probabilities });
    this.#points = this.#points.filter((point) => point.time > time - SECONDS);
    const names = Object.keys(this.#points.find((point) => point.probabilities !== null)?.probabilities ?? {});
    while (this.#svg.children.length < names.length) this.#svg.append(document.createElementNS(SVG, "path"));
    for (const [at, name] of names.entries()) {
      const path = this.#svg.children[at] as SVGPathElement;
      path.setAttribute("d", this.#line(name, time));
      path.style.setProperty("--ink", inkOf(at));
    }
    if (time - this.#said > 2 || time < this.#said) this.#tell(time);
  }

  /** Broken where there was no face. */
  #line(name: string, now: number): string {
    let isDown = false;
    return this.#points
      .map(({ time, probabilities }) => {
        const share = probabilities?.[name];
        const word = share === undefined ? "" : isDown ? "L" : "M";
        isDown = share !== undefined;
        if (share === undefined) return "";
        return `${word}${(WIDTH * (1 - (now - time) / SECONDS)).toFixed(1)} ${((HEIGHT - 4) * (1 - share) + 2).toFixed(1)}`;
      })
      .join("");
  }

  /** The same in words: how much of the time each class was the likeliest. */
  #tell(time: number): void {
    this.#said = time;
    const counts = new Map<string, number>();
    for (const { probabilities } of this.#points) {
      const [name] = Object.entries(probabilities ?? {}).reduce((a, b) => (b[1] > a[1] ? b : a), ["no face", -1]);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    this.#text.textContent = [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([name, count]) => `${name} ${percent(count / this.#points.length)}`)
      .join(", ");
  }
}
