/** Decoded pictures: grey, cut, resized, turned. Nothing here needs Node, nor zod, which threads would load each for itself. */
export { eyeTransform } from "./align.js";
export { clipBox, crop } from "./crop.js";
export { cutFace, FACE_POSE, faceMatrix } from "./cut-face.js";
export type { FacePlace } from "./cut-face.js";
export type { FaceCrop } from "./face-crop.js";
export { fitSquare } from "./fit-square.js";
export { toGrey } from "./grey.js";
export { overlapOf } from "./overlap.js";
export { paste } from "./paste.js";
export { pictureOf } from "./picture.js";
export type { GreyPicture, Picture, VideoFrame } from "./picture.js";
export { preparePicture, toRgb } from "./prepare-picture.js";
export type { ImageSettings } from "./prepare-picture.js";
export { halved, resizeBilinear } from "./resize.js";
export type { Size } from "./resize.js";
export { inverse, warpAffine } from "./warp-affine.js";
export type { AffineMatrix } from "./warp-affine.js";
export { warpArea } from "./warp-area.js";
