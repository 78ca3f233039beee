export const isVideo = (file: File): boolean => file.type.startsWith('video/');
export const isPicture = (file: File): boolean => file.type.startsWith('image/');
export const isModel = (file: File): boolean => /\.(safetensors|onnx)$/i.test(file.name);
