/** Files of an unpacked SwiftShader. */
export interface SwiftShader {
    /** Names SwiftShader to a Vulkan loader (VK_DRIVER_FILES). */
    readonly icd: string;
    /** A Vulkan loader, for machines that have none. */
    readonly loader: string;
}
/** @throws MissingPackageError when the npm package is not installed */
export declare function unpackSwiftShader(): Promise<SwiftShader>;
