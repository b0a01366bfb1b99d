/** A picture file, its bytes or decoded pixels -> what the image folder and a model see. */
export { loadDecoder } from "./decode.js";
export type { Decoder } from "./decode.js";
export type { DecoderName } from "./decoder-name.js";
export { fitSquare, preparePicture, resizeBilinear, toGrey } from "@fer/core/pixels";
export type { GreyPicture, ImageSettings, Picture } from "@fer/core/pixels";
export { pixelHash } from "./hash.js";
export { showsExtracted } from "./shows-extracted.js";
export type { ExtractedPicture } from "./shows-extracted.js";
export { readHeader } from "./header.js";
export type { ImageFormat, ImageHeader } from "./headers/found-header.js";
export { prepareImage, readPicture } from "./prepare-image.js";
export type { ReadPictureOptions } from "./prepare-image.js";
export { encodePng } from "./write-png.js";
