/**
 * Poses and heatmaps as SVG and on a canvas; curves, tables and reports as SVG and HTML.
 *
 * @packageDocumentation
 */
export { colorMap, PALETTE, type ColorMap, type Rgb } from './colors';
export { type Series } from './curve';
export { curvesSvg, type CurvesOptions } from './curves-svg';
export { type HeatmapStack } from './heatmap';
export { drawHeatmap, type DrawHeatmapOptions } from './draw-heatmap';
export { drawPose, type DrawPoseOptions } from './draw-pose';
export { fitCanvas } from './fit-canvas';
export type { DrawingContext } from './canvas';
export { heatmapGridSvg, type HeatmapGridOptions } from './heatmap-grid-svg';
export { htmlReport, type Report, type ReportFigure, type ReportSection } from './html-report';
export { imageDataUrl } from './png';
export { type Pose, type PoseBox, type Skeleton } from './pose';
export type { PoseStyle } from './pose-shapes';
export { poseSvg, type PoseSvgOptions } from './pose-svg';
export { rowsSvg, type FigureRow } from './rows-svg';
export { escapeText } from './svg';
export { tableHtml, tableSvg, type Cell, type Table } from './table';
