import { gemmCases } from './cases/gemm.js';
import { describeCases } from './run-cases.js';

describeCases('matrix products', gemmCases);
