import type { DetectionTable } from './detection-table';

/** The areas of COCO.loadRes: of the box when the results have boxes, otherwise of the keypoints' extent; square pixels. */
export function detectionAreas(detections: DetectionTable): Float64Array {
  const boxes = detections.boxAreas.view();
  for (let i = 0; i < boxes.length; i++) if (Number.isNaN(boxes[i])) return detections.extents.view();
  return boxes;
}
