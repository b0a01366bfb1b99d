/** Videos through the system's ffmpeg: what they are, and their frames one by one. */
export { isDevice, requireFfmpeg } from "./ffmpeg.js";
export { probeVideo } from "./probe-video.js";
export type { VideoInfo } from "./probe-video.js";
export { readFrames } from "./read-frames.js";
export type { Every, FrameOptions } from "./read-frames.js";
export { beginsAsVideo, isVideoName } from "./video-kind.js";
