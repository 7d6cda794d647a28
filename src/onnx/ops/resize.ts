/** Resampling of images and volumes. */
export {};
