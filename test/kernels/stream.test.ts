import { streamCases } from './cases/stream.js';
import { describeCases } from './run-cases.js';

describeCases('streaming matrix products', streamCases);
