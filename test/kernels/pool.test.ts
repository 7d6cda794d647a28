import { poolCases } from './cases/pool.js';
import { describeCases } from './run-cases.js';

describeCases('pooling', poolCases);
