/**
 * Netpbm pictures (PBM, PGM, PPM: `P1` to `P6`), as older face databases ship them: text or bytes, up to 16 bits, one picture
 * a file. Own code because no decoder has it, and it is short. Format: netpbm.sourceforge.net/doc, pages pbm, pgm, ppm.
 */
import { type Picture, pictureOf } from "@fer/core/pixels";
import type { FoundHeader } from "./headers/found-header.js";

const CHANNELS = { P1: 1, P2: 1, P3: 3, P4: 1, P5: 1, P6: 3 } as const;

interface Layout {
  kind: keyof typeof CHANNELS;
  width: number;
  height: number;
  /** Sample that is white. */
  maximum: number;
  /** Where the samples begin. */
  from: number;
}

export function netpbmHeader(bytes: Buffer): FoundHeader | string | undefined {
  const layout = layoutOf(bytes);
  return typeof layout === "object" ? { format: "pnm", width: layout.width, height: layout.height } : layout;
}

/** @throws Error where samples are missing, too many or beyond the maximum. */
export function readNetpbm(bytes: Buffer): Picture {
  const layout = layoutOf(bytes);
  if (typeof layout !== "object") throw new Error("its header cannot be read");
  const { kind, width, height, maximum } = layout;
  const channels = CHANNELS[kind];
  const length = width * height * channels;
  const samples = samplesOf(bytes, { ...layout, length });
  const data = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const sample = samples[i]!;
    if (sample > maximum) throw new Error(`the sample ${sample}, where the largest is ${maximum}`);
    data[i] = maximum === 65535 ? sample >> 8 : Math.floor((sample * 510 + maximum) / (2 * maximum));
  }
  return pictureOf(data, { width, height, channels });
}

/** What the header says; `undefined` for another format, a phrase for one that is cut off. */
function layoutOf(bytes: Buffer): Layout | string | undefined {
  const kind = bytes.toString("latin1", 0, 2) as Layout["kind"];
  if (!(kind in CHANNELS) || !/\s|#/.test(bytes.toString("latin1", 2, 3))) return undefined;
  const start = bytes.toString("latin1", 0, 4096);
  const wanted = kind === "P1" || kind === "P4" ? 2 : 3;
  const numbers: number[] = [];
  let from = 2;
  for (const { 0: token, index } of start.slice(2).matchAll(/#[^\n]*\n?|\d+|\S/g)) {
    if (token.startsWith("#")) continue;
    if (!/^\d/.test(token)) break;
    numbers.push(Number(token));
    from = 2 + index + token.length + 1;
    if (numbers.length === wanted) break;
  }
  const [width, height, maximum = 1] = numbers;
  if (numbers.length < wanted || maximum < 1 || maximum > 65535) return "a netpbm picture with a damaged header";
  return { kind, width: width!, height: height!, maximum, from };
}

function samplesOf(
  bytes: Buffer,
  { kind, width, height, maximum, from, length }: Layout & { length: number },
): ArrayLike<number> {
  if (kind === "P2" || kind === "P3") return texts(bytes.subarray(from), { sample: /\d+/g, length }).map(Number);
  // bits: 1 is black
  if (kind === "P1")
    return texts(bytes.subarray(from), { sample: /[01]/g, length }).map((bit) => (bit === "0" ? 1 : 0));
  const stride = kind === "P4" ? Math.ceil(width / 8) : (length / height) * (maximum > 255 ? 2 : 1);
  const body = bytes.subarray(from);
  if (body.length !== stride * height)
    throw new Error(`${body.length} bytes of samples where ${stride * height} belong to ${width} x ${height} pixels`);
  if (kind === "P4")
    return Array.from({ length }, (_, i) => {
      const x = i % width;
      return 1 - ((body[Math.floor(i / width) * stride + (x >> 3)]! >> (7 - (x & 7))) & 1);
    });
  return maximum > 255 ? Uint16Array.from({ length }, (_, i) => body.readUInt16BE(2 * i)) : body;
}

function texts(bytes: Buffer, { sample, length }: { sample: RegExp; length: number }): string[] {
  const found =
    bytes
      .toString("latin1")
      .replaceAll(/#[^\n]*/g, "")
      .match(sample) ?? [];
  if (found.length !== length) throw new Error(`${found.length} samples where ${length} belong`);
  return found;
}
