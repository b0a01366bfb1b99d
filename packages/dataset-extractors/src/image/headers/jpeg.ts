/** JPEG (ITU-T T.81): size, colours and orientation by its segments; the kinds that are seldom met are named. */
import type { FoundHeader } from "./found-header.js";
import { exifOrientation } from "./exif.js";

/** Frame headers by the low half of their marker (T.81, table B.1); 0, 1 and 2 are what cameras and the web write. */
const KINDS: Record<number, string> = {
  3: "a lossless",
  5: "a hierarchical",
  6: "a hierarchical",
  7: "a hierarchical",
  9: "an arithmetic-coded",
  10: "an arithmetic-coded",
  11: "an arithmetic-coded",
  13: "an arithmetic-coded",
  14: "an arithmetic-coded",
  15: "an arithmetic-coded",
};

const CUT_OFF = "a JPEG that is cut off within its header";

interface Segment {
  marker: number;
  body: Buffer;
}

/** What the segments before the first scan say. */
interface Segments {
  frame?: Segment;
  orientation?: number;
  /** Transform that Adobe's marker names: 0 none, 1 YCbCr, 2 YCCK. */
  adobe?: number;
  isJfif?: boolean;
}

export function jpegHeader(bytes: Buffer): FoundHeader | string | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return undefined;
  const segments: Segments = {};
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) return "a damaged JPEG: its segments do not follow one another";
    if (marker === 0xff) at += 1;
    else if (marker === 0xda) return headerOf(segments);
    else {
      const end = at + 2 + bytes.readUInt16BE(at + 2);
      if (end > bytes.length) return CUT_OFF;
      take(segments, { marker, body: bytes.subarray(at + 4, end) });
      at = end;
    }
  }
  return CUT_OFF;
}

function take(segments: Segments, { marker, body }: Segment): void {
  const starts = (text: string) => body.toString("latin1", 0, text.length) === text;
  if (marker === 0xe0 && starts("JFIF")) segments.isJfif = true;
  else if (marker === 0xe1 && starts("Exif\0\0")) segments.orientation ??= exifOrientation(body);
  else if (marker === 0xee && starts("Adobe") && body.length > 11) segments.adobe = body[11]!;
  else if (marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))) {
    segments.frame ??= { marker, body };
  }
}

function headerOf({ frame, orientation = 1, adobe, isJfif = false }: Segments): FoundHeader | string {
  if (frame === undefined || frame.body.length < 6) return "a damaged JPEG: it has no frame header";
  const { marker, body } = frame;
  if (marker === 0xf7) return "a JPEG-LS picture, which is not read: convert it to PNG";
  const kind = KINDS[marker & 15];
  if (kind !== undefined) return `${kind} JPEG, which is not read: convert it to a baseline JPEG or PNG`;
  if (body[0] !== 8) return `a JPEG of ${body[0]} bits a channel, which is not read: convert it to 8 bits`;
  const channels = body[5]!;
  if (channels !== 1 && channels !== 3 && channels !== 4) return `a JPEG of ${channels} channels, which is not read`;
  if (channels === 4 && adobe === undefined)
    return "a CMYK JPEG that does not say whether its inks are inverted: convert it to RGB";
  const ids = String.fromCharCode(body[6] ?? 0, body[9] ?? 0, body[12] ?? 0);
  const isRgb = channels === 3 && !isJfif && (adobe === undefined ? ids === "RGB" : adobe === 0);
  const colours = channels === 4 ? "cmyk" : isRgb ? "rgb" : "usual";
  return { format: "jpg", width: body.readUInt16BE(3), height: body.readUInt16BE(1), orientation, colours };
}

/** Whether the end marker follows the first scan: no byte of a scan can look like it. */
export function hasJpegEnd(bytes: Buffer): boolean {
  const scan = bytes.indexOf("ffda", 0, "hex");
  return scan >= 0 && bytes.includes("ffd9", scan, "hex");
}
