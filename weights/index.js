/** Where the files are; bundlers copy them along. */
export const lpn50Leeds = new URL('./lpn-50-leeds.safetensors', import.meta.url);
export const lpnSmallLeeds = new URL('./lpn-small-leeds.safetensors', import.meta.url);
