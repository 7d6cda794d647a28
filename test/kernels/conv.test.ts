import { convCases } from './cases/conv.js';
import { describeCases } from './run-cases.js';

describeCases('convolutions', convCases);
