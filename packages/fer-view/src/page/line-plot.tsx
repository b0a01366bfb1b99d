/** Lines over epochs. What they show stands below them as a table too, for whoever reads by ear. */
import type { ComponentChildren } from "preact";
import { figure } from "./numbers.js";

export interface Line {
  name: string;
  /** Colour, from 0 on. */
  hue: number;
  isDashed: boolean;
  /** Epoch (1-based) and value, finite. */
  points: readonly { epoch: number; value: number }[];
  /** Epoch that is pointed out. */
  mark?: number | null;
}

export interface LinePlotProps {
  title: string;
  note?: string;
  lines: readonly Line[];
  /** Ends of the vertical axis; from the values where left out. */
  domain?: readonly [number, number];
  /** A value in words. */
  text: (value: number) => string;
  /** The same on the axis; default: as it is. */
  tick?: (value: number) => string;
  /** Epochs that there will be. */
  epochs?: number | null;
}

const [WIDTH, HEIGHT] = [560, 260];
const EDGE = { left: 54, right: 12, top: 10, bottom: 30 };
/** Points beyond this are drawn small. */
const MANY = 60;
/** Colours that the style sheet has. */
const HUES = 8;

const hueOf = (hue: number): string => `var(--run-${hue % HUES})`;

export function LinePlot({ title, note, lines, domain, text, tick = figure, epochs = null }: LinePlotProps) {
  const shown = lines.filter(({ points }) => points.length > 0);
  const all = shown.flatMap(({ points }) => points);
  if (all.length === 0) return null;
  const last = Math.max(epochs ?? 0, ...all.map(({ epoch }) => epoch));
  const first = last === 1 ? 0 : 1;
  const [low, high] = domain ?? extentOf(all.map(({ value }) => value));
  const x = (epoch: number): number =>
    EDGE.left + ((epoch - first) / (last - first)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value: number): number =>
    EDGE.top + (1 - (value - low) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const radius = last > MANY ? 1.5 : 3;
  return (
    <figure class="plot" data-plot={title}>
      <figcaption>
        {title} {note !== undefined && <small>{note}</small>}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={inWords(title, { lines: shown, text })}>
        {ticksOf([low, high], 5).map((value) => (
          <g key={`y${value}`}>
            <line class="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(value)} y2={y(value)} />
            <text x={EDGE.left - 8} y={y(value) + 4} text-anchor="end">
              {tick(value)}
            </text>
          </g>
        ))}
        {ticksOf([first, last], 6)
          .filter((epoch) => Number.isInteger(epoch) && epoch > 0)
          .map((epoch) => (
            <text key={`x${epoch}`} x={x(epoch)} y={HEIGHT - 10} text-anchor="middle">
              {epoch}
            </text>
          ))}
        <line class="axis" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={HEIGHT - EDGE.bottom} y2={HEIGHT - EDGE.bottom} />
        {shown.map(({ name, hue, isDashed, points, mark }) => (
          <g key={name} data-line={name}>
            <path
              d={points.map(({ epoch, value }, at) => `${at === 0 ? "M" : "L"}${x(epoch)} ${y(value)}`).join("")}
              stroke={hueOf(hue)}
              stroke-dasharray={isDashed ? "6 4" : undefined}
            />
            {points.map(({ epoch, value }) => (
              <circle
                key={epoch}
                cx={x(epoch)}
                cy={y(value)}
                r={epoch === mark ? 6 : radius}
                fill={epoch === mark ? "var(--ground)" : hueOf(hue)}
                stroke={hueOf(hue)}
                stroke-width={epoch === mark ? 2.5 : 0}
                data-epoch={epoch}
                data-value={value}
              >
                <title>{`${name}, epoch ${epoch}${epoch === mark ? ", kept" : ""}: ${text(value)}`}</title>
              </circle>
            ))}
          </g>
        ))}
      </svg>
      <ul class="legend">
        {shown.map(({ name, hue, isDashed, points }) => (
          <li key={name}>
            <svg viewBox="0 0 28 8" aria-hidden="true">
              <path d="M0 4H28" stroke={hueOf(hue)} stroke-dasharray={isDashed ? "6 4" : undefined} />
            </svg>
            {name}: {text(points.at(-1)!.value)}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Plots beside each other. */
export const Plots = ({ children }: { children: ComponentChildren }) => <div class="plots">{children}</div>;

function inWords(title: string, { lines, text }: Pick<LinePlotProps, "lines" | "text">): string {
  const ends = lines.map(({ name, points }) => {
    const { epoch, value } = points.at(-1)!;
    return `${name} ${text(value)} at epoch ${epoch}`;
  });
  return `${title} by epoch: ${ends.join("; ")}`;
}

function extentOf(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

/** Round numbers in a range, about so many. */
function ticksOf([low, high]: readonly [number, number], about: number): number[] {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= rough)!;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++)
    ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}
