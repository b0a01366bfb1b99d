export { Fit, LeakReport, PARTS, Part, PartInfo, SampleRow, SetInfo } from "./schema.js";
