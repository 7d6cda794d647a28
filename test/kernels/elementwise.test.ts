import { elementwiseCases } from './cases/elementwise.js';
import { describeCases } from './run-cases.js';

describeCases('element-wise ops', elementwiseCases);
