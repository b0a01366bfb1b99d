/** The rule of every op that can run on ONNX. A new one is a file beside these and a line here. */
import type { LoweringRule } from "../lowering.js";
import { averagePool, averagePoolGrad } from "./average-pool.js";
import { batchNormTrain, batchNormTrainGrad, fusedBatchNorm } from "./batch-norm.js";
import { conv2DBackpropFilter, depthwiseConv2DBackpropFilter } from "./conv-filter-gradient.js";
import { conv2DBackpropInput, depthwiseConv2DBackpropInput } from "./conv-input-gradient.js";
import { conv2D, depthwiseConv2D } from "./conv.js";
import { dropoutMask } from "./dropout-mask.js";
import { elementwise } from "./elementwise.js";
import { batchMatMul } from "./mat-mul.js";
import { maxPool, maxPoolGrad } from "./max-pool.js";
import { reductions } from "./reduce.js";
import { mixes, resize, resizeGrad } from "./resize.js";
import { shapeOps } from "./shape.js";
import { logSoftmax, softmax, softmaxCrossEntropy } from "./softmax.js";
import { updates } from "./update.js";

export const loweringRules: Readonly<Record<string, LoweringRule>> = {
  ...elementwise,
  ...reductions,
  ...shapeOps,
  ...updates,
  BatchMatMul: batchMatMul,
  Conv2D: conv2D,
  Conv2DBackpropInput: conv2DBackpropInput,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  DepthwiseConv2dNative: depthwiseConv2D,
  DepthwiseConv2dNativeBackpropInput: depthwiseConv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseConv2DBackpropFilter,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGrad,
  ResizeNearestNeighbor: resize(mixes.nearest),
  ResizeNearestNeighborGrad: resizeGrad(mixes.nearest),
  ResizeBilinear: resize(mixes.bilinear),
  ResizeBilinearGrad: resizeGrad(mixes.bilinear),
  BatchNormTrain: batchNormTrain,
  BatchNormTrainGrad: batchNormTrainGrad,
  FusedBatchNorm: fusedBatchNorm,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  SoftmaxCrossEntropy: softmaxCrossEntropy,
  DropoutMask: dropoutMask,
};
