/** What the first bytes of a picture file say, in the words that all its formats share. */

/** Formats that can be read; the value is the extension that a copy gets. */
export const EXTENSIONS = {
  jpg: "jpg",
  png: "png",
  bmp: "bmp",
  gif: "gif",
  tiff: "tiff",
  webp: "webp",
  avif: "avif",
  pnm: "pnm",
} as const;

export type ImageFormat = keyof typeof EXTENSIONS;

export interface ImageHeader {
  format: ImageFormat;
  /** As stored, before it is turned upright. */
  width: number;
  height: number;
  /** EXIF orientation 1..8; 1 is upright. */
  orientation: number;
  /** What the channels of a JPEG are: `usual` is grey or YCbCr. */
  colours: "usual" | "rgb" | "cmyk";
  /** Of an animation whose first frame is to be read; else absent. */
  frames?: number;
}

/** What the reader of one format finds; several frames are refused by {@link readHeader}. */
export interface FoundHeader {
  format: ImageFormat;
  width: number;
  height: number;
  orientation?: number;
  colours?: ImageHeader["colours"];
  /** Pictures in the file; `Infinity` for several of unknown number. */
  frames?: number;
}
