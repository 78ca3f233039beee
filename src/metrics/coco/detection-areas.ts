import type { DetectionTable } from './detection-table';

/** As COCO.loadRes: the box's area when the results come with boxes, else that of the keypoints' extent; square pixels. */
export function detectionAreas(detections: DetectionTable): Float64Array {
  const boxes = detections.boxAreas.view();
  for (let i = 0; i < boxes.length; i++) if (Number.isNaN(boxes[i])) return detections.extents.view();
  return boxes;
}
