/** What a page has as a picture, on its way to the worker. */
import { FerError, OptionsError } from "@fer/core/errors";
import type { Carried } from "./protocol.js";

/**
 * A picture. An `ImageBitmap`, a `VideoFrame` and the bytes of an `ImageData` are handed over and not to be used
 * afterwards, unless `keep` is asked for; elements, canvases and files stay as they are.
 */
export type PictureSource =
  | ImageBitmap
  | VideoFrame
  | ImageData
  | Blob
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas;

/** A picture, and what of it changes hands. */
interface Parcel {
  picture: Carried;
  transfer: Transferable[];
}

const isA = <T>(name: string, value: unknown): value is T => {
  const Class = (globalThis as Record<string, unknown>)[name];
  return typeof Class === "function" && value instanceof Class;
};

/**
 * @param keep Whether the caller goes on to use it.
 * @throws OptionsError `NOT_A_PICTURE`, {@link FerError} `PICTURE_NOT_READY` and `FOREIGN_PICTURE`
 */
export async function parcel(source: PictureSource, { keep }: { keep: boolean }): Promise<Parcel> {
  if (isA<ImageBitmap>("ImageBitmap", source)) {
    if (source.width === 0) throw notReady("the bitmap is closed, or was handed over before", "Pass keep: true there");
    return { picture: source, transfer: keep ? [] : [source] };
  }
  if (isA<VideoFrame>("VideoFrame", source)) {
    if (source.format === null && source.codedWidth === 0)
      throw notReady("the frame is closed, or was handed over before", "Pass keep: true there");
    const frame = keep ? source.clone() : source;
    return { picture: frame, transfer: [frame] };
  }
  if (isA<ImageData>("ImageData", source)) {
    const { width, height, data } = source;
    if (data.length === 0) throw notReady("its bytes were handed over before", "Pass keep: true there");
    const rgba = keep ? data.slice() : data;
    return { picture: { width, height, rgba } as Carried, transfer: [rgba.buffer] };
  }
  if (isA<Blob>("Blob", source)) return { picture: source, transfer: [] };
  if (isA<HTMLImageElement>("HTMLImageElement", source)) {
    if (!source.complete || source.naturalWidth === 0)
      throw notReady("the image has not loaded", "Await its decode() first");
    return drawn(source);
  }
  if (isA<HTMLVideoElement>("HTMLVideoElement", source)) {
    if (source.readyState < HTMLMediaElement.HAVE_CURRENT_DATA)
      throw notReady("the video has no frame yet", "Await its play() first");
    return drawn(source);
  }
  if (isA<HTMLCanvasElement>("HTMLCanvasElement", source) || isA<OffscreenCanvas>("OffscreenCanvas", source)) {
    if (source.width === 0 || source.height === 0) throw notReady("the canvas has no pixels", "Give it a size");
    return drawn(source);
  }
  throw new OptionsError({
    code: "NOT_A_PICTURE",
    subject: "picture",
    found: `received ${typeof source === "object" ? Object.prototype.toString.call(source).slice(8, -1) : typeof source}`,
    expected: "an ImageBitmap, VideoFrame, ImageData, File or Blob, or an img, video or canvas element",
    fix: "Decode it first: await createImageBitmap(...)",
  });
}

async function drawn(element: Exclude<CanvasImageSource, SVGImageElement>): Promise<Parcel> {
  const bitmap = await createImageBitmap(element, { colorSpaceConversion: "none" });
  // Pixels of another origin may be shown, and not read.
  const probe = new OffscreenCanvas(1, 1).getContext("2d")!;
  probe.drawImage(bitmap, 0, 0, 1, 1);
  try {
    probe.getImageData(0, 0, 1, 1);
  } catch (cause) {
    bitmap.close();
    throw new FerError({
      code: "FOREIGN_PICTURE",
      subject: "picture",
      found: "its pixels come from another origin, which does not let this page read them",
      fix: 'Load it with crossorigin="anonymous" from a server that allows that, or from your own origin',
      cause,
    });
  }
  return { picture: bitmap, transfer: [bitmap] };
}

const notReady = (found: string, fix: string): FerError =>
  new FerError({ code: "PICTURE_NOT_READY", subject: "picture", found, fix });
