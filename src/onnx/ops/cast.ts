/** Conversion between element types. */
export {};
