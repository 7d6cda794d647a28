/** One checked convolution, as the methods receive it. */
import {} from './conv-geometry.js';
import {} from './epilogue.js';
//# sourceMappingURL=conv-call.js.map