import { depthwiseCases } from './cases/depthwise.js';
import { describeCases } from './run-cases.js';

describeCases('depthwise convolutions', depthwiseCases);
