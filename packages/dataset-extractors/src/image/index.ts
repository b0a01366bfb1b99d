/** A picture file, its bytes or decoded pixels -> what the image folder and a model see. */
export { DecoderName, loadDecoder } from "./decode.js";
export type { Decoder } from "./decode.js";
export { toGrey } from "./grey.js";
export { pixelHash } from "./hash.js";
export { showsExtracted } from "./shows-extracted.js";
export type { ExtractedPicture } from "./shows-extracted.js";
export { readHeader } from "./header.js";
export type { ImageFormat, ImageHeader } from "./headers/found-header.js";
export type { GreyPicture, Picture } from "./picture.js";
export { prepareImage, preparePicture, readPicture } from "./prepare-image.js";
export type { ImageSettings } from "./prepare-image.js";
export { fitSquare } from "./resample/fit-square.js";
export { resizeBilinear } from "./resample/resize.js";
export { encodePng } from "./write-png.js";
