import { softmaxCases } from './cases/softmax.js';
import { describeCases } from './run-cases.js';

describeCases('softmax', softmaxCases);
