import type { UnaryFunction } from '../../ops/unary.js';
/** `fn NAME(x: f32) -> f32`. @throws UnsupportedError for a function without WGSL */
export declare function unaryWgsl(name: string, fn: UnaryFunction | undefined): string;
